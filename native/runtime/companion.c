/*
 * Starts the companion, which holds the sinks of tier steer: a target that closes all descriptors it does not know keeps its
 * filter. If it ends before the target, the kernel kills the target: a group without its sink would let every client in.
 * With interception it also supervises the sockets that the target opens.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

/* The companion takes a millisecond or two to start. */
#define TIMEOUT_MS 5000

/* `LISTENER:SINK:PEER`, `intercept:PLAN:CHANNEL:PROGRAM`, and each of the other numbers. */
#define WORD_BYTES 48
/* Name, launch's process id, user, pidfd, descriptor for the answer, what is needed for interception. */
#define FIXED_WORDS 6
/* Pidfd, answer, standard error, plan, channel, program. */
#define FIXED_DESCRIPTORS 6

/* The arguments of the companion and the descriptors they name. */
struct order {
	char (*words)[WORD_BYTES];
	char **argv;
	int *descriptors;
	int count; /* of descriptors */
};

static int allocate(struct order *order, uint32_t listeners)
{
	size_t words = FIXED_WORDS + listeners;

	order->words = calloc(words, sizeof(*order->words));
	order->argv = calloc(words + 1, sizeof(*order->argv));
	order->descriptors = calloc(FIXED_DESCRIPTORS + 3 * (size_t)listeners, sizeof(*order->descriptors));
	order->count = 0;
	return order->words && order->argv && order->descriptors ? 0 : -1;
}

static void release(struct order *order)
{
	free(order->words);
	free(order->argv);
	free(order->descriptors);
}

static void pass(struct order *order, int fd)
{
	if (fd >= 0)
		order->descriptors[order->count++] = fd;
}

/* What the companion needs of a launch. Descriptors are -1 where there is none. */
struct needs {
	int pidfd;
	/* A pipe for its answer. */
	int answer[2];
	/* With interception: a file with the encoded plan, and its end of the channel. */
	int plan;
	int channel;
};

static void write_order(struct order *order, const struct alf_launch *launch, const struct needs *needs)
{
	int word = 0;

	snprintf(order->words[word++], WORD_BYTES, "alf-companion");
	snprintf(order->words[word++], WORD_BYTES, "%d", getpid());
	snprintf(order->words[word++], WORD_BYTES, "%lld", (long long)launch->plan.uid);
	snprintf(order->words[word++], WORD_BYTES, "%d", needs->pidfd);
	snprintf(order->words[word++], WORD_BYTES, "%d", needs->answer[1]);
	pass(order, needs->pidfd);
	pass(order, needs->answer[1]);
	if (needs->plan >= 0) {
		snprintf(order->words[word++], WORD_BYTES, "intercept:%d:%d:%d", needs->plan, needs->channel, launch->program);
		pass(order, STDERR_FILENO);
		pass(order, needs->plan);
		pass(order, needs->channel);
		pass(order, launch->program);
	}
	for (uint32_t i = 0; i < launch->opened; i++) {
		const struct alf_socket *socket = &launch->sockets[i];

		if (socket->sink < 0)
			continue;
		snprintf(order->words[word++], WORD_BYTES, "%d:%d:%d", socket->fd, socket->sink, socket->peer);
		pass(order, socket->fd);
		pass(order, socket->sink);
		pass(order, socket->peer);
	}
	for (int i = 0; i < word; i++)
		order->argv[i] = order->words[i];
}

/* posix_spawn with exactly these descriptors made inheritable, an empty environment and default signals. */
static int spawn(const struct order *order, const char *path, pid_t *child)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char *environment[] = { NULL };
	sigset_t all;
	int error = 0;

	sigfillset(&all);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &all);
	posix_spawn_file_actions_init(&actions);
	/* Onto itself: that clears close-on-exec in the child. */
	for (int i = 0; error == 0 && i < order->count; i++)
		error = posix_spawn_file_actions_adddup2(&actions, order->descriptors[i], order->descriptors[i]);
	if (error == 0)
		error = posix_spawn(child, path, &actions, &attributes, order->argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	errno = error;
	return error == 0 ? 0 : -1;
}

/* The answer of the companion: its process id. Returns -1 with errno; EPIPE if it ended without an answer. */
static int read_answer(int fd)
{
	struct pollfd event = { .fd = fd, .events = POLLIN };
	int answer, ready;

	do
		ready = ALF_CALL(poll(&event, 1, TIMEOUT_MS));
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		errno = ETIMEDOUT;
	if (ready <= 0)
		return -1;
	errno = EPIPE;
	if (ALF_CALL(read(fd, &answer, sizeof(answer))) != sizeof(answer))
		return -1;
	if (answer >= 0)
		return answer;
	errno = -answer;
	return -1;
}

/* Waits for the first process of the companion, which ends as soon as the second one has answered. */
static void reap(pid_t child, int failed)
{
	if (failed)
		kill(child, SIGKILL);
	/* ECHILD if the launch was started with SIGCHLD ignored: then the kernel has reaped it. */
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

/*
 * Spawns the first process of the companion, takes the answer of the second one and reaps the first, so that the launch has
 * no child afterwards. Clears and restores PR_SET_CHILD_SUBREAPER around the spawn: a subreaper would get the second
 * process as a child. The init of a PID namespace gets it in any case.
 */
static int run(const struct order *order, const char *path, int answer[2])
{
	int subreaper = 0, result, error;
	pid_t child = 0;

	prctl(PR_GET_CHILD_SUBREAPER, &subreaper, 0, 0, 0);
	if (subreaper)
		prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
	result = ALF_CALL(spawn(order, path, &child));
	alf_close_fd(&answer[1]);
	if (result == 0) {
		result = read_answer(answer[0]);
		error = errno;
		reap(child, result < 0);
		errno = error;
	}
	error = errno;
	if (subreaper)
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	errno = error;
	return result;
}

/* Writes all of the bytes. Returns 0, or -1 with errno. */
static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = ALF_CALL(write(fd, bytes, size));

		if (written < 0 && errno != EINTR)
			return -1;
		if (written > 0) {
			bytes += written;
			size -= (size_t)written;
		}
	}
	return 0;
}

/* Opens what the companion needs to supervise the target. Returns 0, or -1 with errno. */
static int open_interception(struct alf_launch *launch, struct needs *needs)
{
	int channel[2];

	needs->plan = (int)ALF_CALL(memfd_create("alfwrapper plan", MFD_CLOEXEC));
	if (needs->plan < 0 || write_all(needs->plan, launch->plan.memory, launch->plan.size) < 0 ||
	    ALF_CALL(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel)) < 0)
		return -1;
	launch->channel = channel[0];
	needs->channel = channel[1];
	return 0;
}

/* Opens what the companion needs. Returns 0, or -1 with errno. */
static int open_needs(struct alf_launch *launch, struct needs *needs)
{
	needs->pidfd = (int)ALF_CALL(syscall(SYS_pidfd_open, getpid(), 0));
	return needs->pidfd < 0 || ALF_CALL(pipe2(needs->answer, O_CLOEXEC)) < 0 ||
			       (launch->plan.interception.on && open_interception(launch, needs) < 0) ?
		       -1 :
		       0;
}

static int start(struct alf_launch *launch)
{
	struct order order = { 0 };
	struct needs needs = { .pidfd = -1, .answer = { -1, -1 }, .plan = -1, .channel = -1 };
	int result = -1, error;

	errno = ENOMEM;
	if (allocate(&order, launch->opened) == 0 && open_needs(launch, &needs) == 0) {
		write_order(&order, launch, &needs);
		result = run(&order, launch->plan.companion, needs.answer);
	}
	error = errno;
	alf_close_fd(&needs.pidfd);
	alf_close_fd(&needs.answer[0]);
	alf_close_fd(&needs.answer[1]);
	alf_close_fd(&needs.plan);
	alf_close_fd(&needs.channel);
	release(&order);
	errno = error;
	return result;
}

static bool needs_companion(const struct alf_launch *launch)
{
	for (uint32_t i = 0; i < launch->opened; i++)
		if (launch->sockets[i].sink >= 0)
			return true;
	return launch->plan.interception.on;
}

int alf_start_companion(struct alf_launch *launch)
{
	if (!needs_companion(launch))
		return 0;
	launch->companion = alf_check(launch, ALF_STEP_COMPANION, start(launch));
	return launch->companion < 0 ? -1 : 0;
}
