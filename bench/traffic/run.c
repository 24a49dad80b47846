/* SPDX-License-Identifier: MIT */

/*
 * run SOCKET COUNT ROUNDS PERCENT PATH…: measures packets on listening sockets of other processes.
 *
 * Prints "ready" once it listens on the UNIX socket SOCKET, where COUNT processes (hand-over.c) pass their sockets: TCP,
 * then perhaps UDP, with the words "INDEX SERVER CLIENT", the last two network namespaces. A PATH is an IPv4 address the
 * sockets can be reached at, from the namespace of the server (s=ADDRESS) or the client (c=ADDRESS).
 *
 * One thread on one processor is both ends. Each round it does every operation on every path with every socket, the
 * sockets in random order, and prints a line for each: path, operation, index, ns of CPU time for one operation, ns of wall
 * time. PERCENT scales the number of operations.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/un.h>
#include <unistd.h>
#include "../support/clock.h"
#include "../support/pin.h"
#include "../support/shuffle.h"
#include "operations.h"

#define MAX_ENDPOINTS	64
#define MAX_PATHS	4
/* Warm-up rounds: TCP windows grow, caches fill. */
#define WARM_UP		2

struct endpoint {
	int index;
	/* Namespaces of server and client. */
	int spaces[2];
	int tcp;
	int udp;	/* -1 if there is none */
	struct connection connections[MAX_PATHS];
};

struct path {
	int from;	/* index into spaces */
	struct in_addr address;
};

static struct endpoint endpoints[MAX_ENDPOINTS];
static struct path paths[MAX_PATHS];

static int open_space(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail("open a network namespace");
	return fd;
}

static void enter(const struct endpoint *endpoint, const struct path *path)
{
	if (setns(endpoint->spaces[path->from], CLONE_NEWNET))
		fail("enter a network namespace");
}

static void receive_endpoint(int listener, struct endpoint *endpoint)
{
	char words[256], server[64], client[64];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec text = { .iov_base = words, .iov_len = sizeof(words) };
	struct msghdr message = {
		.msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control),
	};
	/* Stays open, because the other end waits for it. */
	int from = accept(listener, NULL, NULL), fds[2] = { -1, -1 };
	struct cmsghdr *rights;

	if (from < 0 || recvmsg(from, &message, 0) <= 0 || !(rights = CMSG_FIRSTHDR(&message)))
		fail("receive sockets");
	memcpy(fds, CMSG_DATA(rights), rights->cmsg_len - CMSG_LEN(0));
	if (sscanf(words, "%d %63s %63s", &endpoint->index, server, client) != 3)
		fail("read the words with the sockets");
	endpoint->spaces[0] = open_space(server);
	endpoint->spaces[1] = open_space(client);
	endpoint->tcp = fds[0];
	endpoint->udp = fds[1];
}

static int listen_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, MAX_ENDPOINTS))
		fail("listen");
	puts("ready");
	fflush(stdout);
	return fd;
}

static void read_path(const char *text, struct path *path)
{
	path->from = *text == 'c';
	if (text[1] != '=' || !inet_aton(text + 2, &path->address))
		fail("read a path");
}

static void measure(int path, int operation, struct endpoint *endpoint, unsigned int percent, bool warming_up)
{
	const struct operation *op = &operations[operation];
	struct connection *connection = &endpoint->connections[path];
	unsigned int count = op->count * percent / 100 + 1;
	long long cpu, wall;
	unsigned int done;

	enter(endpoint, &paths[path]);
	/* Warms the caches, which hold another socket's code and data. */
	op->run(connection, count / 4 + 1);
	wall = clock_ns(CLOCK_MONOTONIC);
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	done = op->run(connection, count);
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	wall = clock_ns(CLOCK_MONOTONIC) - wall;
	if (!warming_up)
		printf("%d %d %d %.1f %.1f\n", path, operation, endpoint->index, (double)cpu / done,
		       (double)wall / done);
}

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[2]) : 0, path_count = argc - 5, order[MAX_ENDPOINTS], listener;

	if (count < 1 || count > MAX_ENDPOINTS || path_count < 1 || path_count > MAX_PATHS) {
		errno = EINVAL;
		fail("read the arguments");
	}
	for (int i = 0; i < path_count; i++)
		read_path(argv[5 + i], &paths[i]);
	pin_to_processor();
	srand(getpid());
	listener = listen_unix(argv[1]);
	for (int i = 0; i < count; i++) {
		order[i] = i;
		receive_endpoint(listener, &endpoints[i]);
	}
	for (int i = 0; i < count; i++) {
		for (int path = 0; path < path_count; path++) {
			enter(&endpoints[i], &paths[path]);
			connect_both(&endpoints[i].connections[path], endpoints[i].tcp, endpoints[i].udp,
				     paths[path].address);
		}
	}
	for (int round = -WARM_UP; round < atoi(argv[3]); round++) {
		for (int at = 0; at < path_count * OPERATIONS; at++) {
			shuffle(order, count);
			for (int i = 0; i < count; i++)
				if (at % OPERATIONS != OPERATION_UDP || endpoints[order[i]].udp >= 0)
					measure(at / OPERATIONS, at % OPERATIONS, &endpoints[order[i]], atoi(argv[4]),
						round < 0);
		}
	}
	return 0;
}
