/*
 *   alf-companion TARGET USER PIDFD STATUS [intercept:PLAN:CHANNEL:PROGRAM] [LISTENER:SINK:PEER…]
 *
 * TARGET is the process to watch and PIDFD stands for it; USER is the user id that it is going to have, -1 if that stays
 * as it is. Each SINK is a listening socket whose accept queue is full, in one reuseport group with LISTENER. PEER is the
 * other end of the connection that fills it. If it is -1, the queue could not be filled, and connections to the sink are
 * accepted and reset. STATUS takes one int: the companion's process id once everything is in place, or -errno.
 *
 * With `intercept` it also filters the sockets that the target opens: PLAN is a file with the encoded plan, PROGRAM the loaded
 * program of tier ebpf or -1, and over CHANNEL come the notifications of the target's calls, which it answers with 0.
 *
 * The companion leaves its parent before it answers, so that the target has no child that it did not start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "companion.h"

#define FIXED_ARGUMENTS 5
#define INTERCEPT "intercept:"
/* Once the target has ended, or while the partner is missing: how often to look. */
#define LOOK_MS 100
/* How often to look for listeners that were closed, so that others can have their addresses. */
#define SWEEP_MS 1000
/* How often to look for processes that hold a listener; twice as long each time. */
#define FIRST_SURVEY_MS 50
#define LONGEST_SURVEY_MS 64000
/* accept(2) out of memory or descriptors: do not spin. */
#define PAUSE_MS 10

struct companion companion = { .pidfd = -1, .status = -1, .watched = -1, .channel = -1 };

void check(long result)
{
	int value = -errno;

	if (result >= 0)
		return;
	if (write(companion.status, &value, sizeof(value)) < 0)
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

	check(write(companion.status, &value, sizeof(value)) == sizeof(value) ? 0 : -1);
	close(companion.status);
	companion.status = -1;
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

static void read_interception(const char *text)
{
	int plan = number(&text), channel = number(&text), program = number(&text);

	open_supervision(plan, channel, program);
}

/* Enters a group of the launch. Its listener is the launch's, so this descriptor of it is closed. */
static void read_group(const char *text)
{
	struct group group = { .peer = -1, .members = 1 };
	int listener = number(&text), entered;
	ino_t inode;

	group.sink = number(&text);
	group.peer = number(&text);
	entered = add_group(&group);
	report(entered);
	report(watch_socket(companion.watched, listener, &inode));
	report(add_listener(entered, inode));
	close(listener);
}

static void read_arguments(int argc, char **argv)
{
	int next = FIXED_ARGUMENTS;

	if (argc <= FIXED_ARGUMENTS)
		_exit(1);
	companion.target = atoi(argv[1]);
	companion.user = (uid_t)strtol(argv[2], NULL, 10);
	companion.pidfd = atoi(argv[3]);
	companion.status = atoi(argv[4]);
	open_groups();
	companion.watched = open_watch();
	report(companion.watched);
	if (strncmp(argv[next], INTERCEPT, strlen(INTERCEPT)) == 0)
		read_interception(argv[next++] + strlen(INTERCEPT));
	while (next < argc)
		read_group(argv[next++]);
}

static void ignore(ino_t inode) { (void)inode; }

/* The list of listeners is what the end is decided by: it must be readable. */
static void check_list(void) { report(list_held(companion.watched, ignore)); }

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

/* Whether there can be sinks. */
static bool may_steer(void)
{
	return !companion.intercepts || companion.launch.plan.interception.tcp.tier == ALF_TIER_STEER || has_groups();
}

/*
 * Above the descriptor of each sink, also of those that are opened later. The limit on open files is raised for them; where it
 * cannot be, there is room for fewer.
 */
static int floor_of_ties(void)
{
	const int opened_later = companion.intercepts ? 2 * MAX_GROUPS + 64 : 0;
	struct rlimit limit;

	if (opened_later == 0)
		return highest_descriptor() + 1;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur / 2 < (rlim_t)opened_later ? (int)(limit.rlim_cur / 2) : opened_later;
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

static const struct schedule at_once = { 0, FIRST_SURVEY_MS };

static struct schedule soon(void) { return (struct schedule){ now_ms() + FIRST_SURVEY_MS, FIRST_SURVEY_MS }; }

static void survey_when_due(struct schedule *next)
{
	if (!is_active() || is_alone() || now_ms() < next->at)
		return;
	survey();
	next->at = now_ms() + next->pause;
	if (next->pause < LONGEST_SURVEY_MS)
		next->pause *= 2;
}

/* What to wait for: the ends of target and partner, calls, and connections to sinks that are not full. */
enum { TARGET, PARTNER, SUPERVISED, SINKS };
static struct pollfd events[SINKS + MAX_GROUPS];

static int list_events(bool gone)
{
	int count = SINKS;

	events[TARGET] = (struct pollfd){ .fd = gone ? -1 : companion.pidfd, .events = POLLIN };
	events[PARTNER] = (struct pollfd){ .fd = partner(), .events = POLLIN };
	/* Hung up for good once the last process has ended. */
	events[SUPERVISED] = (struct pollfd){ .fd = is_active() && !is_unsupervised() ? supervised() : -1, .events = POLLIN };
	for (int i = 0; i < MAX_GROUPS; i++) {
		const struct group *group = group_of(i);

		if (group == NULL || group->peer >= 0)
			continue;
		fcntl(group->sink, F_SETFL, O_NONBLOCK);
		events[count++] = (struct pollfd){ .fd = group->sink, .events = POLLIN };
	}
	return count;
}

/* How long to wait for events at most. */
static int wait_ms(bool gone, const struct schedule *next)
{
	long rest = next->at - now_ms();

	if (is_alone())
		return -1;
	if (partner() < 0 || (gone && !is_active()))
		return LOOK_MS;
	if (!is_active())
		return -1;
	if (companion.intercepts && has_groups() && rest > SWEEP_MS)
		return SWEEP_MS;
	return rest > 0 ? (int)rest : 0;
}

/*
 * Closes what the partner left open: it may have been killed with files of /proc open, or the ends of a tie. This process
 * is alone with the descriptor table.
 */
static void clean_up(void)
{
	const int kept[] = { companion.pidfd, companion.watched,	own_pidfd(),	  companion.channel,
			     notifications(), companion.launch.program, companion.intercepts ? STDERR_FILENO : -1 };

	forget_partner();
	close_others(kept, sizeof(kept) / sizeof(*kept));
}

static void replace_partner(void)
{
	/* Its descriptors are closed next, so the call cannot go on. */
	abandon_call();
	clean_up();
	start_partner();
}

/* Whether it is certain that no process needs the companion any longer. */
static bool is_over(bool gone)
{
	if (companion.intercepts && notifications() >= 0 && !is_unsupervised())
		return false;
	return gone && list_held(companion.watched, ignore) == 0;
}

/*
 * Holds on until the target has ended and the kernel is certain that no process holds a listener, or makes supervised calls. A
 * daemon that goes into the background, or hands its listeners to a successor, leaves them open: then the sinks are still needed.
 *
 * Returns in one of the two processes, after it has ended the other: only one may disarm the ties.
 */
static void keep(void)
{
	struct schedule next = soon();
	bool gone = false;

	for (;;) {
		int count = list_events(gone);

		poll(events, (nfds_t)count, wait_ms(gone, &next));
		for (int i = SINKS; i < count; i++)
			if (events[i].revents)
				reset_peers(events[i].fd);
		if (events[SUPERVISED].revents)
			supervise();
		else if (is_active() && companion.intercepts)
			sweep();
		if (events[TARGET].revents) {
			gone = true;
			next = at_once;
			if (companion.intercepts)
				leave_standard_error();
		}
		if ((is_alone() || !is_active()) && is_over(gone) && end_partner() == 0)
			break;
		if (!is_alone() && (partner() < 0 || events[PARTNER].revents)) {
			replace_partner();
			next = soon();
		}
		survey_when_due(&next);
	}
	clean_up();
}

int main(int argc, char **argv)
{
	sigset_t all;

	/* A daemon's kill(-1, SIGTERM) is not meant for the companion. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	companion.launch.program = -1;
	read_arguments(argc, argv);
	leave_parent();
	check(chdir("/"));
	check_list();
	if (may_steer()) {
		open_ties(floor_of_ties());
		report(tie(companion.target, companion.user));
	}
	report(close_others((const int[]){ companion.pidfd, companion.status, companion.watched, companion.channel,
					   companion.launch.program, companion.intercepts ? STDERR_FILENO : -1 },
			    6));
	give_up_privileges();
	open_pair(!may_steer());
	if (is_alone() || !is_active())
		confirm();
	keep();
	untie_all();
	return 0;
}
