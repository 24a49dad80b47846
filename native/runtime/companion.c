/*
 * Starts the companion, which holds the sinks of tier steer: a target that closes all descriptors it does not know keeps its
 * filter. If it ends before the target, the kernel kills the target: a group without its sink would let every client in.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

/* The companion takes a millisecond or two to start. */
#define TIMEOUT_MS 5000

/* `LISTENER:SINK:PEER`, and each of the other numbers. */
#define WORD_BYTES 40
/* Name, launch's process id, user, pidfd, descriptor for the answer. */
#define FIXED_WORDS 5

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
	order->descriptors = calloc(2 + 3 * (size_t)listeners, sizeof(*order->descriptors));
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

static void write_order(struct order *order, const struct alf_launch *launch, int pidfd, int answer)
{
	int word = 0;

	snprintf(order->words[word++], WORD_BYTES, "alf-companion");
	snprintf(order->words[word++], WORD_BYTES, "%d", getpid());
	snprintf(order->words[word++], WORD_BYTES, "%lld", (long long)launch->plan.uid);
	snprintf(order->words[word++], WORD_BYTES, "%d", pidfd);
	snprintf(order->words[word++], WORD_BYTES, "%d", answer);
	pass(order, pidfd);
	pass(order, answer);
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

/* Opens what the companion needs of the launch. Returns 0, or -1 with errno. */
static int open_channels(int *pidfd, int answer[2])
{
	*pidfd = (int)ALF_CALL(syscall(SYS_pidfd_open, getpid(), 0));
	return *pidfd < 0 ? -1 : ALF_CALL(pipe2(answer, O_CLOEXEC));
}

static int start(struct alf_launch *launch)
{
	struct order order = { 0 };
	int pidfd = -1, answer[2] = { -1, -1 }, result = -1, error;

	errno = ENOMEM;
	if (allocate(&order, launch->opened) == 0 && open_channels(&pidfd, answer) == 0) {
		write_order(&order, launch, pidfd, answer[1]);
		result = run(&order, launch->plan.companion, answer);
	}
	error = errno;
	alf_close_fd(&pidfd);
	alf_close_fd(&answer[0]);
	alf_close_fd(&answer[1]);
	release(&order);
	errno = error;
	return result;
}

int alf_start_companion(struct alf_launch *launch)
{
	for (uint32_t i = 0; i < launch->opened; i++) {
		if (launch->sockets[i].sink < 0)
			continue;
		launch->companion = alf_check(launch, ALF_STEP_COMPANION, start(launch));
		return launch->companion < 0 ? -1 : 0;
	}
	return 0;
}
