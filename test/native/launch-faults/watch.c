/* Runs a launch in a child; collects what it prints and its end, and that of the processes it has started. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"

/* No launch takes as long, on whatever machine: what takes it hangs. */
#define MAX_LAUNCH_MS 60000
#define MAX_COMPANION_MS 10000
#define LOOK_MS 2

struct stream {
	int fd;
	char *text;
	size_t size;
};

static void open_pipe(int ends[2])
{
	int low[2];

	if (pipe2(low, O_CLOEXEC) < 0)
		fail("pipe2");
	for (int i = 0; i < 2; i++) {
		ends[i] = move_up(low[i]);
	}
}

static void take(struct stream *stream)
{
	ssize_t got = read(stream->fd, stream->text + stream->size, TEXT_BYTES - 1 - stream->size);

	if (got <= 0) {
		close(stream->fd);
		stream->fd = -1;
		return;
	}
	stream->size += (size_t)got;
	stream->text[stream->size] = 0;
}

/* Reads both until their ends. A launch that hangs is killed. */
static void collect(pid_t child, struct stream streams[2])
{
	while (streams[0].fd >= 0 || streams[1].fd >= 0) {
		struct pollfd events[2] = { { streams[0].fd, POLLIN, 0 }, { streams[1].fd, POLLIN, 0 } };

		if (poll(events, 2, MAX_LAUNCH_MS) <= 0) {
			kill(child, SIGKILL);
			return;
		}
		for (int i = 0; i < 2; i++)
			if (events[i].revents != 0)
				take(&streams[i]);
	}
}

/* Kills the children of this process that are left. */
static void kill_children(void)
{
	FILE *list = fopen("/proc/thread-self/children", "r");
	int child;

	if (list == NULL)
		fail("children");
	while (fscanf(list, "%d", &child) == 1)
		kill(child, SIGKILL);
	fclose(list);
}

/* Reaps the children that have ended. Returns whether none is left. */
static bool reap(void)
{
	pid_t found;

	do
		found = waitpid(-1, NULL, WNOHANG);
	while (found > 0);
	return found < 0 && errno == ECHILD;
}

/* This process is a subreaper, so the companion has become its child. Returns whether it has ended. */
static bool await_others(void)
{
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000 };

	for (int waited = 0; waited < MAX_COMPANION_MS; waited += LOOK_MS) {
		if (reap())
			return true;
		nanosleep(&pause, NULL);
	}
	while (!reap()) {
		kill_children();
		nanosleep(&pause, NULL);
	}
	return false;
}

struct end watch(const struct alf_input *input, const struct inherited *inherited, unsigned int failing, int error,
		 int program)
{
	struct end end = { 0 };
	int output[2], errors[2];
	pid_t child;

	open_pipe(output);
	open_pipe(errors);
	child = fork();
	if (child < 0)
		fail("fork");
	if (child == 0) {
		if (dup2(output[1], STDOUT_FILENO) < 0 || dup2(errors[1], STDERR_FILENO) < 0)
			fail("dup2");
		attempt(input, inherited, failing, error, program);
	}
	close(output[1]);
	close(errors[1]);
	collect(child, (struct stream[]){ { output[0], end.output, 0 }, { errors[0], end.error, 0 } });
	while (waitpid(child, &end.status, 0) < 0)
		if (errno != EINTR)
			fail("waitpid");
	end.alone = await_others();
	return end;
}
