/*
 * The acceptor: what alfwrapper becomes for `--accept` and `--inetd`, between its sockets and the program.
 *
 *   alf-acceptor accept|stdio|listener MAXIMUM PER_SOURCE verbose|quiet FILE ARGV0 [ARGUMENT…]
 *
 * The listening sockets are at 3, 4, … and LISTEN_FDS tells how many, as for any program that is socket activated.
 * Each connection gets a process of its own, which becomes FILE: with `accept` it has the connection as 3 and LISTEN_*,
 * with `stdio` as standard input and output. MAXIMUM connections are served at a time, PER_SOURCE of them from one source;
 * 0 is any number. With `listener` nothing is accepted: FILE takes this process's place and the socket is its stdio.
 *
 * A process inherits the initial state of this one: signal mask, dispositions and all else. A signal that ends this one ends
 * them as well.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "../../runtime/shown.h"
#include "acceptor.h"

#define FIRST_ARGUMENT 6
/* Of one listener in a row, before the others and the signals get their turn. */
#define BURST 64
/* accept(2) or fork(2) out of memory, descriptors or processes: do not spin. */
#define PAUSE_MS 10

static struct limits limits;
static struct program program;
static int listener_count;
/* The listeners, then the signals. */
static struct pollfd *ready;
/* The signal that ends us, 0 until it comes. */
static int ending;

void fail(const char *what, const char *object, int error, int status)
{
	char shown[ALF_SHOWN_SIZE];

	dprintf(STDERR_FILENO, "alfwrapper: unable to %s%s: %s\n", what, alf_shown(object, shown), strerror(error));
	_exit(status);
}

void check(long result, const char *what)
{
	if (result < 0)
		fail(what, "", errno, FAILED);
}

int number(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text == 0 || *end != 0 || value < 0 || value > 65536)
		fail("start: wrong argument ", text, EINVAL, FAILED);
	return (int)value;
}

/* Answers a connection that is not served. A close alone would keep state of it for a minute. */
static void reset(int fd)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

static void serve(int fd, const union address *address, socklen_t size)
{
	struct peer peer;
	pid_t pid;

	read_peer(&peer, address, size, fd);
	if (exceeds(&limits, &peer)) {
		reset(fd);
		return;
	}
	errno = ENOMEM;
	pid = make_room() ? start(&program, fd, &peer) : -1;
	if (pid > 0) {
		add_connection(pid, &peer.source);
		return;
	}
	complain(&limits, &peer, strerror(errno));
	reset(fd);
	poll(NULL, 0, PAUSE_MS);
}

static void accept_from(int listener)
{
	for (int i = 0; i < BURST; i++) {
		union address address = { 0 };
		socklen_t size = sizeof(address);
		int fd = accept4(listener, &address.any, &size, SOCK_CLOEXEC);

		if (fd >= 0) {
			serve(fd, &address, size);
			close(fd);
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != ECONNABORTED && errno != EINTR && errno != EPROTO) {
			/* The peer may be gone already: do not wait. Any other error may persist. */
			poll(NULL, 0, PAUSE_MS);
			return;
		}
	}
}

/* A signal from the terminal has reached the processes as well: they are in our group. */
static void read_signals(int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		ending = (int)info.ssi_signo;
		if (info.ssi_code != SI_KERNEL)
			signal_all(ending);
	}
	reap();
}

/* Signals come by a descriptor, so that none is lost between looking and waiting. Those that are ignored stay so. */
static int catch_signals(void)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction standard = { .sa_handler = SIG_DFL }, disposition;
	sigset_t caught;
	int fd;

	sigemptyset(&caught);
	sigaddset(&caught, SIGCHLD);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		sigaction(ends[i], NULL, &disposition);
		if (disposition.sa_handler != SIG_IGN)
			sigaddset(&caught, ends[i]);
	}
	/* Where it is ignored the kernel reaps children, and we would not know. */
	check(sigaction(SIGCHLD, &standard, &program.sigchld), "take signals");
	check(sigprocmask(SIG_BLOCK, &caught, &program.mask), "take signals");
	fd = signalfd(-1, &caught, SFD_NONBLOCK | SFD_CLOEXEC);
	check(fd, "take signals");
	return fd;
}

/*
 * Fills closed ones of the first three descriptors, so that no connection becomes one of them: it would lose its place in
 * the program, or get our lines. What is there can be neither read nor written, and the program finds it closed again.
 */
static void reserve_stdio(void)
{
	int fd;

	do
		fd = open("/", O_PATH | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	check(fd, "reserve standard input and output");
	close(fd);
}

static void prepare_listeners(void)
{
	ready = calloc(listener_count + 1, sizeof(*ready));
	if (!ready)
		fail("start", "", ENOMEM, FAILED);
	for (int i = 0; i < listener_count; i++) {
		int fd = FIRST + i, flags = fcntl(fd, F_GETFL);

		check(flags, "use a socket");
		check(fcntl(fd, F_SETFD, FD_CLOEXEC), "use a socket");
		check(fcntl(fd, F_SETFL, flags | O_NONBLOCK), "use a socket");
		ready[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
}

static void close_listeners(void)
{
	for (int i = 0; i < listener_count; i++) {
		if (ready[i].fd >= 0)
			close(ready[i].fd);
		ready[i].fd = -1;
	}
}

/* Accepts until a signal ends it, and then waits for the processes to follow. */
static void run(void)
{
	struct pollfd *signals = &ready[listener_count];

	*signals = (struct pollfd){ .fd = catch_signals(), .events = POLLIN };
	while (!ending || connections() > 0) {
		if (poll(ready, listener_count + 1, -1) < 0)
			continue;
		if (signals->revents)
			read_signals(signals->fd);
		if (ending)
			close_listeners();
		for (int i = 0; i < listener_count; i++)
			if (ready[i].fd >= 0 && ready[i].revents)
				accept_from(ready[i].fd);
	}
}

/* Ends by the signal, so that the parent sees the status of a program that was not wrapped. */
static void end(void) __attribute__((noreturn));
static void end(void)
{
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, ending);
	kill(getpid(), ending);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	/* The init of a PID namespace is still here. */
	_exit(128 + ending);
}

int main(int argc, char **argv, char **envp)
{
	if (argc <= FIRST_ARGUMENT)
		fail("start: ", "arguments are missing", EINVAL, FAILED);
	reserve_stdio();
	limits = (struct limits){ number(argv[2]), number(argv[3]), strcmp(argv[4], "quiet") == 0 };
	program.stdio = strcmp(argv[1], "accept") != 0;
	program.file = argv[5];
	program.arguments = argv + FIRST_ARGUMENT;
	listener_count = read_environment(envp);
	if (strcmp(argv[1], "listener") == 0)
		become_in_place(&program, FIRST);
	prepare_listeners();
	run();
	end();
}
