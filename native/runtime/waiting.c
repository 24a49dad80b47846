/*
 * Tests the connections that wait on a TCP listener, if the list of them can be proved to be exact.
 *
 * The kernel lists connections, not accept queues. A connection that its client has reset is still queued, with its data,
 * but no longer listed. The proof:
 *
 *  1. A listed connection that belongs to no file waits in the queue of a listener. It is in this listener's queue if no
 *     other listener can have its address, port and device. The kernel ensures that unless SO_REUSEPORT is set.
 *  2. Two looks list the same connections. A cookie is used once, so these waited all the time in between.
 *  3. In between, the queue was as long as the list. So nothing else was queued.
 *
 * See docs/adr/008-exact-backlogs.md.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Looks while connections come and go. */
#define MAX_LOOKS 8

static int read_option(struct alf_launch *launch, int fd, int name, void *value, socklen_t size)
{
	return alf_check(launch, ALF_STEP_EXAMINE, ALF_CALL(getsockopt(fd, SOL_SOCKET, name, value, &size)));
}

static const uint8_t *address_of(const struct sockaddr_storage *end, size_t *size)
{
	*size = end->ss_family == AF_INET ? 4 : 16;
	return end->ss_family == AF_INET ? (const uint8_t *)&((const struct sockaddr_in *)end)->sin_addr :
					   (const uint8_t *)&((const struct sockaddr_in6 *)end)->sin6_addr;
}

static bool is_wildcard(const struct sockaddr_storage *end)
{
	static const uint8_t zeros[16];
	size_t size;
	const uint8_t *address = address_of(end, &size);

	return memcmp(address, zeros, size) == 0;
}

static bool has_same_address(const struct sockaddr_storage *one, const struct sockaddr_storage *other)
{
	size_t size, other_size;
	const uint8_t *address = address_of(one, &size), *other_address = address_of(other, &other_size);

	return size == other_size && memcmp(address, other_address, size) == 0;
}

static bool is_link_local(const struct sockaddr_storage *end)
{
	return end->ss_family == AF_INET6 &&
	       IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)end)->sin6_addr);
}

/*
 * Whether a connection can only be this listener's. A link-local one is bound to the interface it came in on, and could
 * belong to a listener that is bound to that interface or its VRF. A transparent one can have any local address.
 */
static bool is_of(const struct alf_tcp_socket *listener, const struct alf_tcp_socket *connection)
{
	return connection->state != TCP_LISTEN && connection->device == listener->device && !connection->transparent &&
	       !is_link_local(&connection->ends.from) &&
	       (is_wildcard(&listener->ends.to) || has_same_address(&listener->ends.to, &connection->ends.to));
}

static int by_cookie(const void *a, const void *b)
{
	uint64_t one = ((const struct alf_tcp_socket *)a)->cookie, other = ((const struct alf_tcp_socket *)b)->cookie;

	return (one > other) - (one < other);
}

/* Keeps the connections of a listener, each once, in the order of their cookies: a queue can be very long. */
static void keep_own(struct alf_tcp_list *list, const struct alf_tcp_socket *listener)
{
	struct alf_tcp_socket own = *listener, *sockets = list->sockets;
	uint32_t kept = 0;

	qsort(sockets, list->count, sizeof(*sockets), by_cookie);
	for (uint32_t i = 0; i < list->count; i++)
		if (is_of(&own, &sockets[i]) && (kept == 0 || sockets[kept - 1].cookie != sockets[i].cookie))
			sockets[kept++] = sockets[i];
	list->count = kept;
}

/*
 * Lists the connections that can only be the listener's. Returns 0; 1 with a reason if it cannot be told; -1 with
 * launch->failure. The list is the caller's to free.
 */
static int look(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket,
		struct alf_tcp_list *list)
{
	const struct sockaddr_in6 *bound = (const struct sockaddr_in6 *)listener->address.data;
	uint64_t cookie = 0;
	int result;

	/* The port is at the same place in both families. */
	result = alf_list_tcp(list, listener->family, ntohs(bound->sin6_port));
	if (result < 0) {
		socket->reason = ALF_REASON_NOT_LISTED;
		socket->reason_error = -result;
		return 1;
	}
	if (read_option(launch, socket->fd, SO_COOKIE, &cookie, sizeof(cookie)) < 0)
		return -1;
	for (uint32_t i = 0; i < list->count; i++) {
		if (list->sockets[i].state != TCP_LISTEN || list->sockets[i].cookie != cookie)
			continue;
		keep_own(list, &list->sockets[i]);
		return 0;
	}
	socket->reason = ALF_REASON_OTHER_NAMESPACE;
	return 1;
}

/* Of lists in the order of their cookies. */
static bool is_same(const struct alf_tcp_list *one, const struct alf_tcp_list *other)
{
	if (one->count != other->count)
		return false;
	for (uint32_t i = 0; i < one->count; i++)
		if (one->sockets[i].cookie != other->sockets[i].cookie)
			return false;
	return true;
}

static void test(const struct alf_tcp_list *list, struct alf_socket *socket, alf_is_allowed *is_allowed, void *context)
{
	socket->reason = ALF_REASON_NONE;
	for (uint32_t i = 0; i < list->count; i++)
		if (!is_allowed(context, &list->sockets[i].ends))
			socket->reason = ALF_REASON_NOT_ALLOWED;
}

/* Looks until two looks agree, `before` being the first of them; it is the caller's to free. */
static int look_until_stable(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket,
			     struct alf_tcp_list *before, alf_is_allowed *is_allowed, void *context)
{
	for (int looks = 1; looks < MAX_LOOKS; looks++) {
		struct alf_tcp_list after = { 0 };
		struct alf_queue queue;
		int result;

		if (alf_read_queue(launch, socket->fd, &queue) < 0)
			return -1;
		result = look(launch, listener, socket, &after);
		if (result == 0 && queue.waiting == before->count && is_same(before, &after)) {
			test(&after, socket, is_allowed, context);
			free(after.sockets);
			return 0;
		}
		free(before->sockets);
		*before = after;
		if (result != 0)
			return result < 0 ? -1 : 0;
	}
	socket->reason = ALF_REASON_INCOMPLETE;
	return 0;
}

int alf_test_waiting(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket,
		     alf_is_allowed *is_allowed, void *context)
{
	struct alf_tcp_list before = { 0 };
	int shared = 0, result;

	if (read_option(launch, socket->fd, SO_REUSEPORT, &shared, sizeof(shared)) < 0)
		return -1;
	if (shared) {
		/* Other sockets can have its address. */
		socket->reason = ALF_REASON_REUSEPORT;
		return 0;
	}
	result = look(launch, listener, socket, &before);
	if (result == 0)
		result = look_until_stable(launch, listener, socket, &before, is_allowed, context);
	free(before.sockets);
	return result < 0 ? -1 : 0;
}
