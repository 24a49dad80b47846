/*
 * Fills the accept queue of a sink. Opened with backlog 0, it has room for one connection: ours. From then on the kernel
 * drops every SYN that is steered to the sink. The queue stays full until accept(2), even if the connection is reset.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* A connection on loopback takes microseconds, unless a packet filter drops it. */
#define POLL_TIMEOUT_MS 300

/* Addresses to reach a bound socket from this machine: loopback for the unspecified address. Returns their number. */
static int self_addresses(const struct sockaddr_storage *bound, struct sockaddr_storage to[2])
{
	const struct sockaddr_in *bound4 = (const struct sockaddr_in *)bound;
	const struct sockaddr_in6 *bound6 = (const struct sockaddr_in6 *)bound;
	struct sockaddr_in loopback4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 *first6 = (struct sockaddr_in6 *)&to[0];

	to[0] = *bound;
	loopback4.sin_port = bound->ss_family == AF_INET ? bound4->sin_port : bound6->sin6_port;
	if (bound->ss_family == AF_INET) {
		if (bound4->sin_addr.s_addr == htonl(INADDR_ANY))
			memcpy(&to[0], &loopback4, sizeof(loopback4));
		return 1;
	}
	if (!IN6_IS_ADDR_UNSPECIFIED(&bound6->sin6_addr))
		return 1;
	first6->sin6_addr = in6addr_loopback;
	memset(&to[1], 0, sizeof(to[1]));
	memcpy(&to[1], &loopback4, sizeof(loopback4));
	return 2;
}

/* Starts to connect. Returns the socket, -1 if this machine does not even try. */
static int connect_to(const struct alf_shield *shield, const struct sockaddr_storage *to)
{
	int fd = ALF_CALL(socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));

	if (fd < 0)
		return -1;
	if (alf_pass_shield(shield, fd, to) == 0 &&
	    (ALF_CALL(connect(fd, (const struct sockaddr *)to, alf_address_size(to))) == 0 || errno == EINPROGRESS))
		return fd;
	close(fd);
	return -1;
}

int alf_saturate(struct alf_launch *launch, const struct alf_shield *shield, struct alf_socket *socket)
{
	struct sockaddr_storage to[2];
	int count = self_addresses(&socket->bound, to);

	for (int i = 0; i < count; i++) {
		struct pollfd sink = { .fd = socket->sink, .events = POLLIN };
		struct alf_queue queue;

		socket->peer = connect_to(shield, &to[i]);
		if (socket->peer < 0)
			continue;
		(void)ALF_CALL(poll(&sink, 1, POLL_TIMEOUT_MS));
		if (alf_read_queue(launch, socket->sink, &queue) < 0)
			return -1;
		if (queue.waiting > queue.most)
			return 0;
		alf_close_fd(&socket->peer);
	}
	return 0;
}
