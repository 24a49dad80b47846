/*
 * Removes what arrived on inherited listeners before their filters were attached.
 *
 * Waiting connections stay if the rules allow all of them and the list of them is exact; otherwise all of a listener's are
 * reset. Datagrams are discarded: their senders are unknown until they are received.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/* More datagrams than any receive buffer holds: at most 2 GiB, of which a datagram takes at least 512 bytes. */
#define MAX_DATAGRAMS (1 << 22)

/* Accepts one connection and resets it. Returns 0, or -1 with errno. */
static int reset_one(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };
	int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	if (connection < 0)
		return -1;
	setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(connection);
	return 0;
}

static int reset_waiting(struct alf_launch *launch, struct alf_socket *socket, uint32_t waiting)
{
	while (socket->removed < waiting) {
		if (ALF_CALL(reset_one(socket->fd)) == 0)
			socket->removed++;
		/* Another process that has the socket has accepted the rest. */
		else if (errno == EAGAIN)
			return 0;
		else
			return alf_check(launch, ALF_STEP_RESET, -1);
	}
	return 0;
}

/* With O_NONBLOCK, for another process could accept the last connection in between. The flag belongs to all who share it. */
static int reset_all(struct alf_launch *launch, struct alf_socket *socket, uint32_t waiting)
{
	int flags = ALF_CALL(fcntl(socket->fd, F_GETFL)), result;

	if (flags < 0)
		return alf_check(launch, ALF_STEP_RESET, -1);
	if (!(flags & O_NONBLOCK) &&
	    alf_check(launch, ALF_STEP_RESET, ALF_CALL(fcntl(socket->fd, F_SETFL, flags | O_NONBLOCK))) < 0)
		return -1;
	result = reset_waiting(launch, socket, waiting);
	if (!(flags & O_NONBLOCK))
		fcntl(socket->fd, F_SETFL, flags);
	return result;
}

static int discard_datagrams(struct alf_launch *launch, struct alf_socket *socket)
{
	socket->reason = ALF_REASON_SENDERS_UNKNOWN;
	while (socket->removed < MAX_DATAGRAMS) {
		if (ALF_CALL(recv(socket->fd, NULL, 0, MSG_DONTWAIT | MSG_TRUNC)) >= 0)
			socket->removed++;
		else if (errno == EAGAIN)
			return 0;
		/* The kernel reports an ICMP error for a datagram sent from this socket here, once. */
		else if (errno != ECONNREFUSED)
			return alf_check(launch, ALF_STEP_DISCARD, -1);
	}
	return 0;
}

static int drain(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket,
		 alf_is_allowed *is_allowed, void *context)
{
	struct alf_queue queue;

	if (listener->type == SOCK_DGRAM)
		return discard_datagrams(launch, socket);
	if (alf_read_queue(launch, socket->fd, &queue) < 0)
		return -1;
	if (queue.waiting == 0)
		return 0;
	if (is_allowed == NULL)
		socket->reason = ALF_REASON_FILTER_ONLY;
	else if (alf_test_waiting(launch, listener, socket, is_allowed, context) < 0)
		return -1;
	return socket->reason == ALF_REASON_NONE ? 0 : reset_all(launch, socket, queue.waiting);
}

/* Waits until every packet that a CPU has begun to process has met the filter: an RCU grace period, about 10 ms. */
static int await_grace_period(struct alf_launch *launch)
{
	return alf_check(launch, ALF_STEP_GRACE, ALF_CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0)));
}

int alf_drain_backlogs(struct alf_launch *launch, alf_is_allowed *is_allowed, void *context)
{
	bool waited = false;

	for (uint32_t i = 0; i < launch->opened; i++) {
		const struct alf_listener *listener = &launch->plan.listeners[i];

		if (!listener->inherited || listener->tier == ALF_TIER_NONE)
			continue;
		alf_at_listener(launch, i);
		if (!waited && await_grace_period(launch) < 0)
			return -1;
		waited = true;
		if (drain(launch, listener, &launch->sockets[i], is_allowed, context) < 0)
			return -1;
	}
	return 0;
}
