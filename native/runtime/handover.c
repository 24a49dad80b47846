/*
 * The handover: restores the process state that Node.js has changed, places the listeners, and calls execve(2).
 *
 * The first step gives the calling thread its own descriptor table. If it fails, nothing has changed and the launch can
 * report an error. Any later failure is one line on standard error and the end of the process.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"
#include "shown.h"

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

#define FAILED 125
#define NOT_EXECUTABLE 126
#define NOT_FOUND 127
#define SIGNALS 64
#define HINT "  hint: a seccomp filter of the container or the unit may forbid the call\n"

/* At the time of alf_record_limits. */
static struct rlimit memlock;
static bool memlock_known;

void alf_record_limits(void) { memlock_known = getrlimit(RLIMIT_MEMLOCK, &memlock) == 0; }

/* Leaves everything as it was. The end of the process does the rest. */
static void undo(const struct alf_launch *launch)
{
	for (uint32_t i = 0; i < launch->opened; i++)
		alf_undo(&launch->plan.listeners[i], &launch->sockets[i]);
}

/* Undoes the launch, prints why the handover failed and ends the process. */
static _Noreturn void fail(const struct alf_launch *launch, const char *what, int status)
{
	int error = errno;
	bool forbidden = status == FAILED && (error == EPERM || error == ENOSYS);
	char line[sizeof("alfwrapper: unable to execute : \n") + ALF_SHOWN_SIZE + 128 + sizeof(HINT)];
	int size = snprintf(line, sizeof(line), "alfwrapper: unable to %s: %s\n%s", what, strerror(error),
			    forbidden ? HINT : "");
	ssize_t ignored;

	undo(launch);
	/* Standard error can be a pipe without a reader. */
	signal(SIGPIPE, SIG_IGN);
	ignored = write(STDERR_FILENO, line, (size_t)size < sizeof(line) ? (size_t)size : sizeof(line) - 1);
	(void)ignored;
	_exit(status);
}

static void check(const struct alf_launch *launch, long result, const char *what)
{
	if (result < 0)
		fail(launch, what, FAILED);
}

/*
 * Puts the listeners on 3, 4, ... First moves their descriptors out of the range to fill, for one of them may have the
 * number of another.
 */
static void place_listeners(struct alf_launch *launch)
{
	int count = (int)launch->opened;

	for (int i = 0; i < count; i++) {
		int *fd = &launch->sockets[i].fd;

		*fd = (int)ALF_CALL(fcntl(*fd, F_DUPFD_CLOEXEC, FIRST_FD + count));
		check(launch, *fd, "move a listener (fcntl)");
	}
	for (int i = 0; i < count; i++)
		check(launch, ALF_CALL(dup2(launch->sockets[i].fd, FIRST_FD + i)), "place a listener (dup2)");
}

static void restore_descriptors(const struct alf_launch *launch, const struct alf_target *target)
{
	for (uint32_t i = 0; i < target->inherited_count; i++)
		check(launch, ALF_CALL(fcntl(target->inherited[i], F_SETFD, 0)), "pass an inherited descriptor on (fcntl)");
	for (int fd = 0; fd < FIRST_FD; fd++) {
		if (!target->stdio_open[fd])
			close(fd); /* Node.js has opened /dev/null here. */
		else
			check(launch, ALF_CALL(fcntl(fd, F_SETFD, 0)), "pass stdio on (fcntl)");
	}
}

/*
 * Dispositions before the mask: a pending signal must meet the disposition it was sent to. The C library reserves two or
 * three signals and answers EINVAL for them; no program can have changed those.
 */
static void restore_signals(const struct alf_launch *launch, const struct alf_target *target)
{
	uint64_t blocked = target->blocked_signals;

	for (int number = 1; number <= SIGNALS; number++) {
		struct sigaction action;

		memset(&action, 0, sizeof(action));
		action.sa_handler = (target->ignored_signals >> (number - 1)) & 1 ? SIG_IGN : SIG_DFL;
		if (ALF_CALL(sigaction(number, &action, NULL)) < 0 && errno != EINVAL)
			fail(launch, "restore signal dispositions (rt_sigaction)", FAILED);
	}
	check(launch, ALF_CALL(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &blocked, NULL, sizeof(blocked))),
	      "restore the signal mask (rt_sigprocmask)");
}

static void restore_memlock(const struct alf_launch *launch)
{
	struct rlimit now;

	if (!memlock_known)
		return;
	check(launch, ALF_CALL(getrlimit(RLIMIT_MEMLOCK, &now)), "read the limit on locked memory");
	if (now.rlim_cur != memlock.rlim_cur || now.rlim_max != memlock.rlim_max)
		check(launch, ALF_CALL(setrlimit(RLIMIT_MEMLOCK, &memlock)), "restore the limit on locked memory");
}

/* Locks the filters of inherited listeners. It cannot be undone, so it comes after all that can fail but execve(2). */
static void lock_adopted(const struct alf_launch *launch)
{
	const int yes = 1;

	for (uint32_t i = 0; i < launch->opened; i++) {
		const struct alf_listener *listener = &launch->plan.listeners[i];

		if (launch->sockets[i].attached && listener->lock)
			check(launch, ALF_CALL(setsockopt(listener->fd, SOL_SOCKET, SO_LOCK_FILTER, &yes, sizeof(yes))),
			      "lock the filter of a listener that was passed in");
	}
}

/* Marks all descriptors above stdio close-on-exec, one at a time. */
static void mark_close_on_exec(const struct alf_launch *launch)
{
	DIR *directory = opendir("/proc/thread-self/fd");
	struct dirent *entry;

	check(launch, directory == NULL ? -1 : 0, "list the open descriptors");
	errno = 0;
	while ((entry = readdir(directory)) != NULL) {
		int fd = atoi(entry->d_name); /* . and .. are 0 */

		if (fd >= FIRST_FD)
			check(launch, fcntl(fd, F_SETFD, FD_CLOEXEC), "mark a descriptor close-on-exec");
		errno = 0;
	}
	if (errno != 0)
		fail(launch, "list the open descriptors", FAILED);
	closedir(directory);
}

/*
 * Gives this thread its own descriptor table, in which all descriptors above stdio are close-on-exec: the other threads of
 * Node.js must not find other files under their numbers. Container run-times forbid unshare(2), which would do as well.
 *
 * Returns -1 with errno if nothing has changed. Since Linux 5.9; 5.11 does both in one call.
 */
static int own_descriptors(const struct alf_launch *launch)
{
	if (ALF_CALL(syscall(SYS_close_range, FIRST_FD, ~0U, CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	/* Closes nothing: no descriptor has this number. */
	if (ALF_CALL(syscall(SYS_close_range, ~0U, ~0U, CLOSE_RANGE_UNSHARE)) < 0)
		return -1;
	mark_close_on_exec(launch);
	return 0;
}

int alf_become(struct alf_launch *launch, const struct alf_target *target)
{
	char shown[ALF_SHOWN_SIZE], what[sizeof("execute ") + ALF_SHOWN_SIZE];
	int error;

	if (alf_check(launch, ALF_STEP_HANDOVER, own_descriptors(launch)) < 0)
		return -1;
	place_listeners(launch);
	restore_descriptors(launch, target);
	/* After the descriptors: a lower limit would forbid their numbers. */
	check(launch, ALF_CALL(setrlimit(RLIMIT_NOFILE, &target->nofile)), "restore the limit on open files (prlimit64)");
	restore_memlock(launch);
	restore_signals(launch, target);
	lock_adopted(launch);
	(void)ALF_CALL(execve(target->path, target->argv, target->environment));
	error = errno;
	snprintf(what, sizeof(what), "execute %s", alf_shown(target->path, shown));
	errno = error;
	fail(launch, what, error == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}
