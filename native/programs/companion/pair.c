/*
 * The two processes of the companion. They share the descriptor table, so that neither's end closes a sink or fires a tie;
 * they share no memory but two mappings of numbers, so that the out-of-memory killer does not end both.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "companion.h"

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif

/* Different names: a signal to one by its name does not reach the other. */
static const char *const names[2] = { "alf-companion", "alf-standby" };

static struct {
	int pidfd[2]; /* by slot; -1 if the process is missing */
} *shared;

static int slot;
static bool alone;

/* Returns 0 in the new process, its id in the present one, or -errno. */
static long clone_into(int other)
{
	long pid;

	/* The new process has its name from the start. */
	prctl(PR_SET_NAME, names[other]);
	/* The kernel stores the pidfd before the new process runs. */
	pid = syscall(SYS_clone, CLONE_FILES | CLONE_PIDFD | SIGCHLD, NULL, &shared->pidfd[other], NULL, NULL);
	if (pid == 0) {
		slot = other;
		return 0;
	}
	pid = pid < 0 ? -errno : pid;
	prctl(PR_SET_NAME, names[slot]);
	if (pid < 0)
		/* It may have stored a number that it then released. */
		shared->pidfd[other] = -1;
	return pid;
}

void open_pair(bool is_to_be_alone)
{
	void *map = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long result;

	check(map == MAP_FAILED ? -1 : 0);
	shared = map;
	/* The kernel reaps the standby. */
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_NAME, names[slot]);
	shared->pidfd[slot] = (int)syscall(SYS_pidfd_open, getpid(), 0);
	check(shared->pidfd[slot]);
	shared->pidfd[1 - slot] = -1;
	alone = is_to_be_alone;
	if (alone)
		return;
	result = clone_into(1 - slot);
	check(result < 0 ? (errno = (int)-result, -1) : 0);
}

int own_pidfd(void) { return shared->pidfd[slot]; }

int partner(void) { return shared->pidfd[1 - slot]; }

int has_partner_ended(void)
{
	struct pollfd event = { .fd = partner(), .events = POLLIN };

	return poll(&event, 1, 0) > 0;
}

void forget_partner(void) { shared->pidfd[1 - slot] = -1; }

void start_partner(void) { clone_into(1 - slot); }

int end_partner(void)
{
	struct pollfd event = { .fd = partner(), .events = POLLIN };

	if (event.fd < 0)
		return 0;
	if (syscall(SYS_pidfd_send_signal, event.fd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return -errno;
	while (poll(&event, 1, -1) < 0 && errno == EINTR)
		;
	return 0;
}

bool is_alone(void) { return alone; }

bool is_active(void) { return alone || slot == 1; }
