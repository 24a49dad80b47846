/* SPDX-License-Identifier: MIT */
/*
 * rate ROUNDS COUNT PORT…
 *
 * Connects COUNT times to a server on each port of 127.0.0.1, sends a byte, waits for its echo, and closes. A few
 * threads run in parallel. The servers take turns, one round each, with a rotating order. Prints the time of each round:
 *
 *   INDEX-OF-PORT NANOSECONDS
 *
 * Waits for all servers before it measures.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../support/clock.h"

#define THREADS 4
#define RETRY_US 10000
#define RETRIES 500

struct work {
	int port, count;
};

/* Returns 0 if the byte has come back. */
static int exchange(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char byte = 'x';
	int failed;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	failed = connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || write(fd, &byte, 1) != 1 ||
		 read(fd, &byte, 1) != 1;
	close(fd);
	return failed;
}

static void *work(void *argument)
{
	const struct work *work = argument;

	for (int i = 0; i < work->count; i++) {
		if (exchange(work->port)) {
			fprintf(stderr, "port %d does not answer\n", work->port);
			exit(1);
		}
	}
	return NULL;
}

static long long measure(int port, int count)
{
	struct work each = { port, count / THREADS };
	pthread_t threads[THREADS];
	long long from = clock_ns(CLOCK_MONOTONIC);

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, &each);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return clock_ns(CLOCK_MONOTONIC) - from;
}

int main(int argc, char **argv)
{
	int rounds, count, ports = argc - 3;

	if (ports < 1)
		return 2;
	rounds = atoi(argv[1]);
	count = atoi(argv[2]);
	for (int i = 0; i < ports; i++)
		for (int retry = 0; exchange(atoi(argv[3 + i])); retry++)
			if (retry == RETRIES || usleep(RETRY_US) < 0)
				return 1;
	for (int round = 0; round < rounds; round++) {
		for (int turn = 0; turn < ports; turn++) {
			int i = (round + turn) % ports;

			printf("%d %lld\n", i, measure(atoi(argv[3 + i]), count));
		}
	}
	return 0;
}
