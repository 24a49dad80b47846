/*
 *   alf-companion TARGET USER PIDFD STATUS LISTENER:SINK:PEER…
 *
 * TARGET is the process to watch and PIDFD stands for it; USER is the user id that it is going to have, -1 if that stays
 * as it is. Each SINK is a listening socket whose accept queue is full, in one reuseport group with LISTENER. PEER is the
 * other end of the connection that fills it. If it is -1, the queue could not be filled, and connections to the sink are
 * accepted and reset. STATUS takes one int: the companion's process id once everything is in place, or -errno.
 *
 * The companion leaves its parent before it answers, so that the target has no child that it did not start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "companion.h"

#define FIXED_ARGUMENTS 5
/* Once the target has ended, or while the partner is missing: how often to look. */
#define LOOK_MS 100
/* How often to look for processes that hold a listener; twice as long each time. */
#define FIRST_SURVEY_MS 50
#define LONGEST_SURVEY_MS 64000
/* accept(2) out of memory or descriptors: do not spin. */
#define PAUSE_MS 10

static struct groups groups;
static pid_t target;
static uid_t user;
static int pidfd, status, watched;

void check(long result)
{
	int value = -errno;

	if (result >= 0)
		return;
	if (write(status, &value, sizeof(value)) < 0)
		_exit(2);
	_exit(1);
}

/* The same for a result that is -errno. */
static void report(int result)
{
	if (result < 0)
		errno = -result;
	check(result);
}

static void confirm(void)
{
	int value = getpid();

	check(write(status, &value, sizeof(value)) == sizeof(value) ? 0 : -1);
	close(status);
	status = -1;
}

/* Reads the number at *text and steps over it and the character after it. */
static int number(const char **text)
{
	char *end;
	long value = strtol(*text, &end, 10);

	check(end == *text ? (errno = EINVAL, -1) : 0);
	*text = *end ? end + 1 : end;
	return (int)value;
}

static void read_arguments(int argc, char **argv)
{
	if (argc <= FIXED_ARGUMENTS)
		_exit(1);
	target = atoi(argv[1]);
	user = (uid_t)strtol(argv[2], NULL, 10);
	pidfd = atoi(argv[3]);
	status = atoi(argv[4]);
	groups.count = argc - FIXED_ARGUMENTS;
	groups.list = calloc(groups.count, sizeof(*groups.list));
	check(groups.list == NULL ? -1 : 0);
	for (int i = 0; i < groups.count; i++) {
		const char *text = argv[FIXED_ARGUMENTS + i];
		struct group *group = &groups.list[i];

		group->listener = number(&text);
		group->sink = number(&text);
		group->peer = number(&text);
	}
}

/* The parent ends, so that the launch can reap it, and init adopts this process. */
static void leave_parent(void)
{
	pid_t child;

	check(setsid());
	child = fork();
	check(child);
	if (child > 0)
		_exit(0);
}

/*
 * Nothing is to be gained from this process: no memory or descriptor for others of the same user, and of the
 * capabilities only those that show which processes of other users hold a listener, and let it tie them.
 */
static void give_up_privileges(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct held[2], kept[2] = { 0 };
	const unsigned int survey_caps = 1U << CAP_SYS_PTRACE | 1U << CAP_SETUID;

	check(syscall(SYS_capget, &header, held));
	kept[0].permitted = kept[0].effective = held[0].permitted & survey_caps;
	check(syscall(SYS_capset, &header, kept));
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	check(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

/* Denied peers get here only if the queue could not be filled. A reset is all they get. */
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

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

/* When to look next for processes that hold a listener. */
struct schedule {
	long at, pause;
};

static void survey_when_due(struct schedule *next)
{
	if (!is_standby() || now_ms() < next->at)
		return;
	survey(&groups);
	next->at = now_ms() + next->pause;
	if (next->pause < LONGEST_SURVEY_MS)
		next->pause *= 2;
}

/* The events to wait for: the ends of target and partner, and connections to sinks that are not full. */
static struct pollfd *list_events(int *count)
{
	struct pollfd *events = calloc(groups.count + 2, sizeof(*events));

	check(events == NULL ? -1 : 0);
	*count = 2;
	for (int i = 0; i < groups.count; i++)
		if (groups.list[i].peer < 0) {
			check(fcntl(groups.list[i].sink, F_SETFL, O_NONBLOCK));
			events[(*count)++] = (struct pollfd){ .fd = groups.list[i].sink, .events = POLLIN };
		}
	events[0] = (struct pollfd){ .fd = pidfd, .events = POLLIN };
	events[1] = (struct pollfd){ .events = POLLIN };
	return events;
}

static int wait_ms(int gone, const struct schedule *next)
{
	long rest = next->at - now_ms();

	if (partner() < 0 || (gone && !is_standby()))
		return LOOK_MS;
	return !is_standby() ? -1 : rest > 0 ? (int)rest : 0;
}

/*
 * Closes what the partner left open: it may have been killed with files of /proc open, or the ends of a tie. This process
 * is alone with the descriptor table.
 */
static void clean_up(void)
{
	const int kept[] = { pidfd, watched, own_pidfd() };

	forget_partner();
	close_others(&groups, kept, sizeof(kept) / sizeof(*kept));
}

/*
 * Holds on until the target has ended and the kernel is certain that no process holds a listener. A daemon that goes
 * into the background, or hands its listeners to a successor, leaves them open: then the sinks are still needed.
 *
 * Returns in one of the two processes, after it has ended the other: only one may disarm the ties.
 */
static void keep(struct pollfd *events, int count)
{
	struct schedule next = { now_ms() + FIRST_SURVEY_MS, FIRST_SURVEY_MS };
	int gone = 0;

	for (;;) {
		events[1].fd = partner();
		poll(events, count, wait_ms(gone, &next));
		for (int i = 2; i < count; i++)
			if (events[i].revents)
				reset_peers(events[i].fd);
		if (events[0].revents) {
			gone = 1;
			events[0].fd = -1; /* readable for good */
			next = (struct schedule){ 0, FIRST_SURVEY_MS };
		}
		if (gone && !is_standby() && listeners_held(watched) == 0 && end_partner() == 0)
			break;
		if (events[1].fd < 0 || events[1].revents) {
			clean_up();
			start_partner();
			next = (struct schedule){ now_ms() + FIRST_SURVEY_MS, FIRST_SURVEY_MS };
		}
		survey_when_due(&next);
	}
	clean_up();
}

int main(int argc, char **argv)
{
	sigset_t all;
	struct pollfd *events;
	int count;

	read_arguments(argc, argv);
	/* A daemon's kill(-1, SIGTERM) is not meant for the companion. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	leave_parent();
	check(chdir("/"));
	events = list_events(&count);
	watched = watch_listeners(&groups);
	open_ties(highest_descriptor(&groups) + 1);
	report(tie(target, user));
	report(close_others(&groups, (const int[]){ pidfd, status, watched }, 3));
	give_up_privileges();
	open_pair();
	if (!is_standby())
		confirm();
	keep(events, count);
	untie_all();
	free(events);
	return 0;
}
