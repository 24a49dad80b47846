/* Listeners that are passed in, as socket activation opens them, with connections that wait. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"

#define BACKLOG 16
/* A port is taken until the companion of the launch before has closed it. */
#define MAX_TRIES 500

static void bind_in_time(int fd, const struct alf_bytes *address)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000000 };

	for (int tries = 0; bind(fd, (const struct sockaddr *)address->data, address->size) < 0; tries++) {
		if (errno != EADDRINUSE || tries == MAX_TRIES)
			fail("bind");
		nanosleep(&pause, NULL);
	}
}

static int open_listener(const struct alf_listener *listener)
{
	const int yes = 1;
	int fd = move_up(socket(listener->family, listener->type | SOCK_CLOEXEC, 0));

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0)
		fail("setsockopt");
	bind_in_time(fd, &listener->address);
	if (listener->type == SOCK_STREAM && listen(fd, BACKLOG) < 0)
		fail("listen");
	return fd;
}

/* Connects from an address and sends a byte. */
static int open_client(const struct alf_listener *listener, const char *address)
{
	struct sockaddr_in own = { .sin_family = AF_INET };
	int fd = move_up(socket(AF_INET, listener->type | SOCK_CLOEXEC, 0));
	char byte = 0;

	if (inet_pton(AF_INET, address, &own.sin_addr) != 1 ||
	    bind(fd, (const struct sockaddr *)&own, sizeof(own)) < 0 ||
	    connect(fd, (const struct sockaddr *)listener->address.data, listener->address.size) < 0 ||
	    send(fd, &byte, sizeof(byte), 0) != sizeof(byte))
		fail("client");
	return fd;
}

void open_inherited(struct inherited *inherited, const struct alf_plan *plan, char **clients, int count)
{
	inherited->client_count = 0;
	for (uint32_t i = 0; i < MAX_LISTENERS; i++) {
		const struct alf_listener *listener = &plan->listeners[i];

		inherited->fds[i] = -1;
		if (i >= plan->listener_count || !listener->inherited)
			continue;
		inherited->fds[i] = open_listener(listener);
		for (int j = 0; j < count && inherited->client_count < MAX_CLIENTS; j++)
			inherited->clients[inherited->client_count++] = open_client(listener, clients[j]);
	}
}

void close_inherited(struct inherited *inherited)
{
	for (int i = 0; i < MAX_LISTENERS; i++)
		if (inherited->fds[i] >= 0)
			close(inherited->fds[i]);
	for (int i = 0; i < inherited->client_count; i++)
		close(inherited->clients[i]);
}

static bool has_filter(int fd)
{
	socklen_t length = 0;

	return getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &length) < 0 || length > 0;
}

bool is_changed(const struct inherited *inherited)
{
	for (int i = 0; i < MAX_LISTENERS; i++) {
		int fd = inherited->fds[i];

		if (fd >= 0 && (has_filter(fd) || (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0))
			return true;
	}
	return false;
}
