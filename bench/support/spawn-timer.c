/*
 * Times whole commands: spawn-timer ROUNDS COMMAND…, each COMMAND one word that /bin/sh does not see; its own words are
 * separated by tabs. Each round runs all of them in random order. Prints one line a run: index of the command, wall time
 * in ns, peak memory in KiB, status.
 *
 * Small and written in C, because the peak memory of a process starts at that of its parent.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "clock.h"
#include "shuffle.h"

#define MAX_WORDS 128

extern char **environ;

static void run(int index, const char *command)
{
	char *copy = strdup(command), *words[MAX_WORDS], *rest = copy;
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int count = 0, status = 0;
	long long started;
	pid_t pid;

	while (count < MAX_WORDS - 1 && (words[count] = strsep(&rest, "\t")))
		count++;
	words[count] = NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	started = clock_ns(CLOCK_MONOTONIC);
	if (posix_spawnp(&pid, words[0], &actions, NULL, words, environ) != 0)
		exit(1);
	if (wait4(pid, &status, 0, &usage) != pid)
		exit(1);
	printf("%d %lld %ld %d\n", index, clock_ns(CLOCK_MONOTONIC) - started, usage.ru_maxrss, status);
	posix_spawn_file_actions_destroy(&actions);
	free(copy);
	/* A process that a command leaves, a companion, must not run during the next command. */
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 0, count = argc - 2, order[argc];

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return 1;
	for (int i = 0; i < count; i++)
		order[i] = i;
	srand(getpid());
	for (int round = 0; round < rounds; round++) {
		shuffle(order, count);
		for (int i = 0; i < count; i++)
			run(order[i], argv[2 + order[i]]);
	}
	return 0;
}
