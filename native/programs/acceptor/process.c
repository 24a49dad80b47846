/* Becoming the program: its environment, its descriptors, its signals. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "acceptor.h"

#define PIDFS_MAGIC 0x50494446

/* LISTEN_PID, _FDS, _FDNAMES, _PIDFDID, REMOTE_ADDR, _PORT, and the end. */
#define OWN_VARIABLES 7

/* Inherited variables first, then room for the process's own. */
static char **environment;
static int inherited_count;

/* Variables about our sockets, or about a peer, are not passed to a process. */
static int is_ours(const char *variable)
{
	static const char *const names[] = { "LISTEN_PID=",	 "LISTEN_FDS=",	 "LISTEN_FDNAMES=",
					     "LISTEN_PIDFDID=", "REMOTE_ADDR=", "REMOTE_PORT=" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return 1;
	return 0;
}

int read_environment(char **from)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	int total = 0;

	if (!pid || atol(pid) != getpid() || !count)
		fail("start: ", "no sockets were passed in", EINVAL, FAILED);
	while (from[total])
		total++;
	environment = calloc(total + OWN_VARIABLES, sizeof(*environment));
	if (!environment)
		fail("start", "", ENOMEM, FAILED);
	for (int i = 0; i < total; i++)
		if (!is_ours(from[i]))
			environment[inherited_count++] = from[i];
	return number(count);
}

/* The program was checked before the launch, so a failure here is unexpected. */
static void execute(const struct program *program) __attribute__((noreturn));
static void execute(const struct program *program)
{
	execve(program->file, program->arguments, environment);
	fail("execute ", program->file, errno, errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}

static void become_stdio(int fd)
{
	check(dup2(fd, STDIN_FILENO), "place a socket");
	check(dup2(fd, STDOUT_FILENO), "place a socket");
}

void become_in_place(const struct program *program, int fd)
{
	become_stdio(fd);
	close(fd);
	execute(program);
}

/* The pidfd's inode tells a process apart from a later one with the same number. Since Linux 6.9. */
static unsigned long pidfd_id(void)
{
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	struct statfs fs;
	struct stat entry;
	unsigned long id = 0;

	if (fd < 0)
		return 0;
	if (fstatfs(fd, &fs) == 0 && fs.f_type == PIDFS_MAGIC && fstat(fd, &entry) == 0)
		id = entry.st_ino;
	close(fd);
	return id;
}

/* Variables that are known in the process only. */
struct variables {
	char remote_addr[sizeof("REMOTE_ADDR=") + sizeof(((struct peer *)0)->address)];
	char remote_port[32], listen_pid[32], listen_pidfdid[48];
};

static void tell(const struct program *program, const struct peer *peer, struct variables *own)
{
	char **next = environment + inherited_count;
	unsigned long id;

	if (peer->address[0]) {
		snprintf(own->remote_addr, sizeof(own->remote_addr), "REMOTE_ADDR=%s", peer->address);
		*next++ = own->remote_addr;
	}
	if (peer->port >= 0) {
		snprintf(own->remote_port, sizeof(own->remote_port), "REMOTE_PORT=%d", peer->port);
		*next++ = own->remote_port;
	}
	if (!program->stdio) {
		snprintf(own->listen_pid, sizeof(own->listen_pid), "LISTEN_PID=%d", getpid());
		*next++ = own->listen_pid;
		*next++ = "LISTEN_FDS=1";
		*next++ = "LISTEN_FDNAMES=connection";
		id = pidfd_id();
		if (id != 0) {
			snprintf(own->listen_pidfdid, sizeof(own->listen_pidfdid), "LISTEN_PIDFDID=%lu", id);
			*next++ = own->listen_pidfdid;
		}
	}
	*next = NULL;
}

/*
 * The process on its way to the program. It shares our memory until the exec, and we wait so long: nothing may be written
 * that we go on with. The signals we have blocked stay blocked until everything is in place.
 */
static void become(const struct program *program, int fd, const struct peer *peer, pid_t parent)
	__attribute__((noinline, noreturn));
static void become(const struct program *program, int fd, const struct peer *peer, pid_t parent)
{
	struct variables own;

	check(prctl(PR_SET_PDEATHSIG, SIGTERM), "tie a process to the acceptor");
	if (getppid() != parent)
		_exit(FAILED);
	/* The listeners are close-on-exec, and 3 is one of them. */
	if (program->stdio)
		become_stdio(fd);
	else
		check(dup2(fd, FIRST), "place a connection");
	tell(program, peer, &own);
	sigaction(SIGCHLD, &program->sigchld, NULL);
	sigprocmask(SIG_SETMASK, &program->mask, NULL);
	execute(program);
}

pid_t start(const struct program *program, int fd, const struct peer *peer)
{
	pid_t parent = getpid(), pid = vfork();

	if (pid == 0)
		become(program, fd, peer, parent);
	return pid;
}
