/* SPDX-License-Identifier: MIT */
#ifndef BENCH_OPERATIONS_H
#define BENCH_OPERATIONS_H

/* The operations of one thread that is both ends of a connection. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BURST		64
#define MESSAGE_BYTES	64
#define WRITE_BYTES	65536
#define BUFFER_BYTES	(4 << 20)

struct connection {
	struct sockaddr_in server;
	int listener;
	/* An established TCP connection. */
	int client;
	int accepted;
	int udp_client;
	int udp_server;
};

enum {
	OPERATION_UDP,
	OPERATION_REQUEST,
	OPERATION_WRITE,
	OPERATION_CONNECT,
	OPERATIONS
};

struct operation {
	/** Does about `count` operations. Returns their number. */
	unsigned int (*run)(struct connection *connection, unsigned int count);
	/** The number of operations in about two milliseconds. */
	unsigned int count;
};

static void fail(const char *what)
{
	fprintf(stderr, "traffic: unable to %s: %s\n", what, strerror(errno));
	exit(1);
}

static inline void set_option(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		fail("set an option");
}

static inline void write_all(int fd, const char *bytes, size_t count)
{
	if (write(fd, bytes, count) != (ssize_t)count)
		fail("write");
}

static inline void read_all(int fd, char *bytes, size_t room, size_t count)
{
	while (count > 0) {
		ssize_t length = read(fd, bytes, room);

		if (length <= 0)
			fail("read");
		count -= length;
	}
}

/* Datagrams of 64 bytes, in bursts that fit in any receive buffer: a lost one is an error. */
static unsigned int exchange_datagrams(struct connection *connection, unsigned int count)
{
	static char sent[MESSAGE_BYTES], received[BURST][2 * MESSAGE_BYTES];
	struct mmsghdr out[BURST], in[BURST];
	struct iovec out_data[BURST], in_data[BURST];
	unsigned int bursts = count / BURST + 1;

	for (int i = 0; i < BURST; i++) {
		out_data[i] = (struct iovec){ sent, sizeof(sent) };
		in_data[i] = (struct iovec){ received[i], sizeof(received[i]) };
		out[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &out_data[i], .msg_iovlen = 1 } };
		in[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &in_data[i], .msg_iovlen = 1 } };
	}
	for (unsigned int i = 0; i < bursts; i++) {
		if (sendmmsg(connection->udp_client, out, BURST, 0) != BURST)
			fail("send datagrams");
		for (int got = 0; got < BURST;) {
			int length = recvmmsg(connection->udp_server, in, BURST - got, MSG_WAITFORONE, NULL);

			if (length < 0)
				fail("receive the datagrams that were sent");
			got += length;
		}
	}
	return bursts * BURST;
}

/* A request of 64 bytes and a response of 64 bytes. */
static unsigned int exchange_requests(struct connection *connection, unsigned int count)
{
	static char bytes[MESSAGE_BYTES];

	for (unsigned int i = 0; i < count; i++) {
		write_all(connection->client, bytes, sizeof(bytes));
		read_all(connection->accepted, bytes, sizeof(bytes), sizeof(bytes));
		write_all(connection->accepted, bytes, sizeof(bytes));
		read_all(connection->client, bytes, sizeof(bytes), sizeof(bytes));
	}
	return count;
}

static unsigned int write_blocks(struct connection *connection, unsigned int count)
{
	static char bytes[WRITE_BYTES];

	for (unsigned int i = 0; i < count; i++) {
		write_all(connection->client, bytes, sizeof(bytes));
		read_all(connection->accepted, bytes, sizeof(bytes), sizeof(bytes));
	}
	return count;
}

static int connect_to(const struct sockaddr_in *server, int type)
{
	int fd = socket(AF_INET, type, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)server, sizeof(*server)))
		fail("connect");
	return fd;
}

static int accept_from(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		fail("accept");
	return fd;
}

/* Connections end with a reset, so that no port stays in TIME_WAIT. */
static unsigned int make_connections(struct connection *connection, unsigned int count)
{
	static const struct linger reset = { .l_onoff = 1 };

	for (unsigned int i = 0; i < count; i++) {
		int client = connect_to(&connection->server, SOCK_STREAM);
		int accepted = accept_from(connection->listener);

		if (setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)))
			fail("set an option");
		close(client);
		close(accepted);
	}
	return count;
}

static const struct operation operations[OPERATIONS] = {
	[OPERATION_UDP] = { exchange_datagrams, 2048 },
	[OPERATION_REQUEST] = { exchange_requests, 400 },
	[OPERATION_WRITE] = { write_blocks, 100 },
	[OPERATION_CONNECT] = { make_connections, 80 },
};

static in_port_t port_of(int fd)
{
	struct sockaddr_in6 address;
	socklen_t size = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &size))
		fail("ask for an address");
	return address.sin6_port;
}

/* Opens the permanent connections to listening sockets, from the network namespace of this thread. */
static void connect_both(struct connection *connection, int tcp, int udp, struct in_addr address)
{
	connection->server = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = address };
	connection->listener = tcp;
	connection->server.sin_port = port_of(tcp);
	connection->client = connect_to(&connection->server, SOCK_STREAM);
	connection->accepted = accept_from(tcp);
	set_option(connection->client, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(connection->accepted, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(connection->client, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES);
	set_option(connection->accepted, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES);
	if (udp >= 0) {
		struct sockaddr_in server = connection->server;
		struct timeval second = { .tv_sec = 1 };

		server.sin_port = port_of(udp);
		connection->udp_server = udp;
		connection->udp_client = connect_to(&server, SOCK_DGRAM);
		if (setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second)))
			fail("set an option");
	}
}

#endif
