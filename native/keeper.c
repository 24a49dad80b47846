/*
 * The keeper: holds the sinks of the tier `steer` open for as long as somebody can accept on the listeners beside them.
 *
 *   alf-keeper TARGET USER PIDFD STATUS SINK:PEER:INODE…
 *
 * TARGET is the process to watch and PIDFD stands for it; USER is the user id it is going to have, -1 if that stays as
 * it is. Each SINK is a listening socket whose accept queue is full; PEER is the other end of the connection that fills
 * it, or -1: then the queue could not be filled, and whoever gets through to the sink is accepted and reset. INODE is
 * that of the listener in the same reuseport group. STATUS takes one int: the keeper's process id once everything is in
 * place, or -errno.
 *
 * It leaves its parent before it answers, so that nobody has a child he did not start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

#define MAX_SINKS 256
#define LISTENING "0A"
/* Once the target is gone: how often to look whether somebody still has its listeners. */
#define LOOK_MS 100
/* accept(2) out of memory or descriptors: do not spin. */
#define PAUSE_MS 10

struct sink {
	int fd;
	int peer;
	unsigned long inode; /* of the listener */
};

static struct sink sinks[MAX_SINKS];
static int sink_count;
static pid_t target;
static uid_t user;
static int pidfd, status;
/* /proc/self/net/tcp and tcp6; tcp6 is -1 where there is no IPv6. */
static int tables[2];

/* Tells the one who waits, and ends if it is bad news. */
static void answer(int value)
{
	ssize_t written = write(status, &value, sizeof(value));

	if (value < 0 || written != sizeof(value))
		_exit(1);
}

static void check(long result)
{
	if (result < 0)
		answer(-errno);
}

/* Reads the number at *text and steps over it and the character behind it. */
static long number(const char **text)
{
	char *end;
	long value = strtol(*text, &end, 10);

	if (end == *text)
		answer(-EINVAL);
	*text = *end ? end + 1 : end;
	return value;
}

static void read_arguments(int argc, char **argv)
{
	if (argc < 6 || argc - 5 > MAX_SINKS)
		_exit(1);
	target = atoi(argv[1]);
	user = (uid_t)strtol(argv[2], NULL, 10);
	pidfd = atoi(argv[3]);
	status = atoi(argv[4]);
	for (int i = 5; i < argc; i++) {
		const char *text = argv[i];
		struct sink *sink = &sinks[sink_count++];

		sink->fd = (int)number(&text);
		sink->peer = (int)number(&text);
		sink->inode = (unsigned long)number(&text);
	}
}

/* The parent ends, so that the one who started it can be done with it, and init gets us. */
static void leave_parent(void)
{
	pid_t child;

	check(setsid());
	child = fork();
	check(child);
	if (child > 0)
		_exit(0);
}

/* A message of one byte with room for one descriptor. */
struct parcel {
	char byte;
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec data;
	struct msghdr message;
};

static struct cmsghdr *prepare(struct parcel *parcel)
{
	memset(parcel, 0, sizeof(*parcel));
	parcel->data = (struct iovec){ &parcel->byte, 1 };
	parcel->message = (struct msghdr){ .msg_iov = &parcel->data,
					   .msg_iovlen = 1,
					   .msg_control = parcel->control,
					   .msg_controllen = sizeof(parcel->control) };
	return CMSG_FIRSTHDR(&parcel->message);
}

/* Changes the effective user, if the target is going to have one of its own. */
static void act_as(uid_t uid)
{
	if (user != (uid_t)-1)
		check(setresuid(-1, uid, -1));
}

/*
 * Has the kernel kill the target if this process ends before it may, whatever the reason: without the sinks the group
 * falls back to hashing and lets everybody in.
 *
 * One end of a socket pair is kept, the other lies in its receive queue and nowhere else. When the first is closed
 * the second sees a hang-up and raises the signal it is set to, which is SIGKILL for the target. No code of ours has
 * to run for that. Where the target leads its process group the signal is for the whole group, workers included.
 *
 * The kernel asks for a permission like that of kill(2), and remembers for it who has set the owner: for that moment
 * this process is the user the target is going to be. For itself it stays another one, whom the target cannot signal.
 *
 * Returns the end to keep.
 */
static int tie_to_target(void)
{
	int ends[2];
	struct parcel parcel;
	struct cmsghdr *header = prepare(&parcel);

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	check(fcntl(ends[1], F_SETSIG, SIGKILL));
	act_as(user);
	check(fcntl(ends[1], F_SETOWN, getpgid(target) == target ? -target : target));
	act_as(getuid());
	check(fcntl(ends[1], F_SETFL, O_ASYNC));
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &ends[1], sizeof(int));
	check(sendmsg(ends[1], &parcel.message, 0));
	close(ends[1]);
	return ends[0];
}

/* Takes the other end out again and disarms it: who is left in the target's process group has done nothing. */
static void untie(int tie)
{
	struct parcel parcel;
	struct cmsghdr *header = prepare(&parcel);
	int end;

	if (recvmsg(tie, &parcel.message, 0) < 0 || parcel.message.msg_controllen < CMSG_LEN(sizeof(int)))
		return;
	memcpy(&end, CMSG_DATA(header), sizeof(int));
	fcntl(end, F_SETFL, 0);
}

static int ascending(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

/* Closes everything else: stdio of a pipeline, the target's files, whatever was inherited. */
static void close_others(int tie)
{
	static int kept[2 * MAX_SINKS + 5];
	int count = 0;
	unsigned int from = 0;

	kept[count++] = pidfd;
	kept[count++] = status;
	kept[count++] = tie;
	kept[count++] = tables[0];
	kept[count++] = tables[1];
	for (int i = 0; i < sink_count; i++) {
		kept[count++] = sinks[i].fd;
		kept[count++] = sinks[i].peer;
	}
	qsort(kept, count, sizeof(*kept), ascending);
	for (int i = 0; i < count; i++) {
		if (kept[i] < 0)
			continue;
		if ((unsigned int)kept[i] > from)
			check(syscall(SYS_close_range, from, kept[i] - 1, 0));
		from = kept[i] + 1;
	}
	check(syscall(SYS_close_range, from, ~0U, 0));
}

/* Nothing is to be gained from this process: no capability, no memory or descriptor for others of the same user. */
static void give_up_privileges(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { 0 };

	check(syscall(SYS_capset, &header, none));
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	check(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

/* The n-th word of a line, counted from 0; words are set apart by blanks. */
static const char *word(const char *line, int n)
{
	for (;;) {
		line += strspn(line, " ");
		if (n-- == 0)
			return line;
		line += strcspn(line, " ");
	}
}

static int is_sought(const char *line)
{
	unsigned long inode = strtoul(word(line, 9), NULL, 10);

	for (int i = 0; i < sink_count; i++)
		if (sinks[i].inode == inode)
			return 1;
	return 0;
}

/* Whether a table lists one of the listeners. Listening sockets come first in it; the rest is not looked at. */
static int lists_listener(int table)
{
	char text[4096], *line, *end;
	size_t have = 0;
	ssize_t got;
	int heading = 1;

	if (table < 0 || lseek(table, 0, SEEK_SET) < 0)
		return 0;
	while ((got = read(table, text + have, sizeof(text) - 1 - have)) > 0) {
		have += got;
		text[have] = 0;
		for (line = text; (end = strchr(line, '\n')); line = end + 1, heading = 0) {
			*end = 0;
			if (heading)
				continue;
			if (strncmp(word(line, 3), LISTENING, 2) != 0)
				return 0;
			if (is_sought(line))
				return 1;
		}
		have = text + have - line;
		memmove(text, line, have);
	}
	return 0;
}

/* Denied peers end up here only if the queue could not be filled. A reset is all they get. */
static void reset_peers(int sink)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	for (;;) {
		int fd = accept4(sink, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
				poll(NULL, 0, PAUSE_MS);
			return;
		}
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		close(fd);
	}
}

/*
 * Waits for the target's end. A daemon that goes into the background, or hands its listeners to a successor, leaves
 * them behind: then the sinks are still needed.
 */
static void watch(void)
{
	static struct pollfd events[MAX_SINKS + 1];
	int open_sinks = 0, gone = 0;

	events[0] = (struct pollfd){ .fd = pidfd, .events = POLLIN };
	for (int i = 0; i < sink_count; i++)
		if (sinks[i].peer < 0)
			events[++open_sinks] = (struct pollfd){ .fd = sinks[i].fd, .events = POLLIN };
	for (;;) {
		poll(events, open_sinks + 1, gone ? LOOK_MS : -1);
		for (int i = 1; i <= open_sinks; i++)
			if (events[i].revents)
				reset_peers(events[i].fd);
		if (events[0].revents) {
			gone = 1;
			events[0].fd = -1; /* ready for ever */
		}
		if (gone && !lists_listener(tables[0]) && !lists_listener(tables[1]))
			return;
	}
}

int main(int argc, char **argv)
{
	sigset_t all;
	int tie;

	read_arguments(argc, argv);
	/* What a daemon sends to everybody, kill(-1, SIGTERM), is not for us. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	leave_parent();
	check(chdir("/"));
	tables[0] = open("/proc/self/net/tcp", O_RDONLY | O_CLOEXEC);
	check(tables[0]);
	tables[1] = open("/proc/self/net/tcp6", O_RDONLY | O_CLOEXEC);
	for (int i = 0; i < sink_count; i++)
		if (sinks[i].peer < 0)
			check(fcntl(sinks[i].fd, F_SETFL, O_NONBLOCK));
	tie = tie_to_target();
	close_others(tie);
	give_up_privileges();
	answer(getpid());
	close(status);
	watch();
	untie(tie);
	return 0;
}
