/*
 * Tier steer: a TCP listener that gets only the connections that a classic program selects. Needs no privilege.
 *
 * The listener shares its address with a sink whose accept queue is full. A reuseport program picks one of the two for
 * every packet that opens a connection; established connections never run it. The order leaves no gap:
 *
 *  1. sink: bind and listen without SO_REUSEPORT, shielded. This fails if any other socket has the address, a reuseport
 *     group included.
 *  2. Saturate the sink.
 *  3. Make a group of it, attach the program, lock it.
 *  4. Listener: join, bind and listen.
 *
 * If the sink were closed before the listener, the kernel would hand every connection to the listener: see the companion.
 * Since Linux 4.6 (SO_ATTACH_REUSEPORT_CBPF on TCP). See socket(7) and net/core/sock_reuseport.c.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif

/* Room for one connection. */
#define SMALLEST_BACKLOG 0

/* After an immediate restart the previous companion may hold the port: for about 100 ms, longer on a busy machine. */
static const int retry_delays_ms[] = { 5, 10, 20, 40, 80, 160, 320 };
#define RETRIES (sizeof(retry_delays_ms) / sizeof(retry_delays_ms[0]))

static int share(struct alf_launch *launch, int fd)
{
	const int yes = 1;

	return alf_check(launch, ALF_STEP_SHARE, ALF_CALL(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes))));
}

/* Binds and listens with the shield up. */
static int listen_shielded(struct alf_launch *launch, const struct alf_listener *listener, const struct alf_shield *shield,
			   int fd, const void *address, socklen_t size)
{
	return alf_raise_shield(launch, shield, fd) < 0 || alf_bind(launch, fd, address, size) < 0 ||
			       alf_listen(launch, listener, fd, SMALLEST_BACKLOG) < 0 ?
		       -1 :
		       0;
}

static int open_sink_once(struct alf_launch *launch, const struct alf_listener *listener, const struct alf_shield *shield,
			  const void *address, socklen_t size)
{
	int sink = alf_create(launch, listener, ALF_PART_SINK);

	if (sink >= 0 && listen_shielded(launch, listener, shield, sink, address, size) < 0)
		alf_close_fd(&sink);
	return sink;
}

/* Opens the sink as soon as its address is free. */
static int open_sink(struct alf_launch *launch, const struct alf_listener *listener, const struct alf_shield *shield,
		     const void *address, socklen_t size)
{
	for (size_t i = 0; i < RETRIES; i++) {
		struct timespec delay = { .tv_nsec = retry_delays_ms[i] * 1000000L };
		int sink = open_sink_once(launch, listener, shield, address, size);

		if (sink >= 0 || launch->failure.error != EADDRINUSE)
			return sink;
		nanosleep(&delay, NULL);
	}
	return open_sink_once(launch, listener, shield, address, size);
}

/* Joins a second socket to the group of the sink. */
static int join_second(struct alf_launch *launch, const struct alf_listener *listener, const struct alf_shield *shield,
		       const struct alf_socket *socket, int second)
{
	return share(launch, second) < 0 ||
			       listen_shielded(launch, listener, shield, second, &socket->bound,
					       alf_address_size(&socket->bound)) < 0 ?
		       -1 :
		       0;
}

/*
 * Makes a group of the sink alone, with the program in it. A listening socket becomes part of a group only when a second
 * one joins, and only a group can be given a program. So a second one joins, shielded like the sink, and is closed.
 */
static int make_group(struct alf_launch *launch, const struct alf_listener *listener, const struct alf_shield *shield,
		      const struct alf_socket *socket)
{
	int result = -1, second;

	if (share(launch, socket->sink) < 0)
		return -1;
	second = alf_create(launch, listener, ALF_PART_SECOND);
	if (second < 0)
		return -1;
	if (join_second(launch, listener, shield, socket, second) == 0 &&
	    alf_check(launch, ALF_STEP_ATTACH,
		      ALF_CALL(alf_attach_program(&listener->program, socket->sink, SO_ATTACH_REUSEPORT_CBPF))) == 0 &&
	    (!listener->lock || alf_lock(launch, socket->sink) == 0))
		result = 0;
	close(second);
	return result;
}

/* Steps 1 to 3. */
static int open_group(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket,
		      const void *address, socklen_t size)
{
	struct alf_shield shield;

	if (alf_make_shield(launch, &shield, listener->family) < 0)
		return -1;
	socket->sink = open_sink(launch, listener, &shield, address, size);
	if (socket->sink < 0 || alf_bound_address(launch, socket->sink, &socket->bound) < 0 ||
	    alf_saturate(launch, &shield, socket) < 0)
		return -1;
	if (socket->peer >= 0)
		alf_drop_signatures(&shield, socket->sink);
	return make_group(launch, listener, &shield, socket);
}

int alf_open_group(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket,
		   const struct sockaddr_storage *address)
{
	return open_group(launch, listener, socket, address, alf_address_size(address));
}

/* Prepares a socket to become the listener of a group. */
static int prepare_member(struct alf_launch *launch, const struct alf_listener *listener, int fd)
{
	return share(launch, fd) < 0 || (listener->lock && alf_lock(launch, fd) < 0) ? -1 : 0;
}

int alf_open_steered(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket)
{
	if (open_group(launch, listener, socket, listener->address.data, listener->address.size) < 0)
		return -1;
	socket->fd = alf_create(launch, listener, ALF_PART_LISTENER);
	return socket->fd < 0 || prepare_member(launch, listener, socket->fd) < 0 ||
			       alf_bind(launch, socket->fd, &socket->bound, alf_address_size(&socket->bound)) < 0 ||
			       alf_listen(launch, listener, socket->fd, listener->backlog) < 0 ?
		       -1 :
		       0;
}

int alf_join_group(struct alf_launch *launch, const struct alf_listener *listener, int fd)
{
	return prepare_member(launch, listener, fd) < 0 || alf_listen(launch, listener, fd, listener->backlog) < 0 ? -1 : 0;
}

/* What a socket must have in common with another to get the same address. */
static const struct {
	int family; /* AF_UNSPEC: of each */
	int level;
	int name;
} address_options[] = {
	{ AF_UNSPEC, SOL_SOCKET, SO_BINDTOIFINDEX },
	{ AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY },
};
#define ADDRESS_OPTIONS (sizeof(address_options) / sizeof(address_options[0]))

/* The options of a sink beside a bound socket, and their values. */
struct sink_options {
	struct alf_option options[1 + ADDRESS_OPTIONS];
	int values[1 + ADDRESS_OPTIONS];
	uint32_t count;
};

static void add_option(struct sink_options *sink, int level, int name, int value)
{
	uint32_t at = sink->count++;

	sink->values[at] = value;
	sink->options[at] = (struct alf_option){
		.level = level,
		.name = name,
		.value = { (const uint8_t *)&sink->values[at], sizeof(sink->values[at]) },
	};
}

/* Two sockets may have an address if both have SO_REUSEADDR and neither listens: so the sink can be bound beside the other. */
static int read_sink_options(struct alf_launch *launch, const struct alf_listener *listener, int fd,
			     struct sink_options *sink)
{
	sink->count = 0;
	add_option(sink, SOL_SOCKET, SO_REUSEADDR, 1);
	for (size_t i = 0; i < ADDRESS_OPTIONS; i++) {
		int level = address_options[i].level, name = address_options[i].name, value = 0;
		socklen_t size = sizeof(value);

		if (address_options[i].family != AF_UNSPEC && address_options[i].family != listener->family)
			continue;
		if (alf_check(launch, ALF_STEP_EXAMINE, ALF_CALL(getsockopt(fd, level, name, &value, &size))) < 0)
			return -1;
		add_option(sink, level, name, value);
	}
	return 0;
}

int alf_open_group_beside(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket)
{
	const int yes = 1;
	struct alf_listener sink = *listener;
	struct sockaddr_storage address;
	struct sink_options options;

	if (read_sink_options(launch, listener, socket->fd, &options) < 0)
		return -1;
	sink.options = options.options;
	sink.option_count = options.count;
	return alf_bound_address(launch, socket->fd, &address) < 0 ||
			       alf_check(launch, ALF_STEP_OPTION,
					 ALF_CALL(setsockopt(socket->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)))) < 0 ||
			       alf_open_group(launch, &sink, socket, &address) < 0 ?
		       -1 :
		       0;
}
