/* A launch: what it does, in order. */
#define _GNU_SOURCE
#include <stdlib.h>

#include "internal.h"

int alf_begin(struct alf_launch *launch, struct alf_plan *plan, int program)
{
	*launch = (struct alf_launch){ .plan = *plan, .program = program, .channel = -1 };
	*plan = (struct alf_plan){ 0 };
	launch->sockets = calloc(launch->plan.listener_count + 1, sizeof(*launch->sockets));
	if (launch->sockets != NULL)
		return 0;
	alf_release_plan(&launch->plan);
	return -ENOMEM;
}

/* The filter is in force before the socket can receive anything. */
static int open_filtered(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket)
{
	socket->fd = alf_create(launch, listener, ALF_PART_LISTENER);
	if (socket->fd < 0 || alf_attach(launch, listener, socket->fd) < 0 ||
	    (listener->lock && alf_lock(launch, socket->fd) < 0))
		return -1;
	if (listener->family == AF_UNIX)
		return alf_bind_file(launch, listener, socket) < 0 ?
			       -1 :
			       alf_listen(launch, listener, socket->fd, listener->backlog);
	return alf_bind(launch, socket->fd, listener->address.data, listener->address.size) < 0 ||
			       alf_listen(launch, listener, socket->fd, listener->backlog) < 0 ||
			       alf_bound_address(launch, socket->fd, &socket->bound) < 0 ?
		       -1 :
		       0;
}

/* Refuses a socket that has a filter: replacing it would let packets through that its owner denies. */
static int adopt(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket)
{
	/* SO_GET_FILTER: the length of a classic program; EACCES if the filter is an eBPF program. */
	socklen_t length = 0;
	int result;

	socket->fd = listener->fd;
	if (listener->tier == ALF_TIER_NONE)
		return 0;
	result = ALF_CALL(getsockopt(socket->fd, SOL_SOCKET, SO_GET_FILTER, NULL, &length));
	if (result < 0 && errno != EACCES)
		return alf_check(launch, ALF_STEP_FILTER_READ, -1);
	if (result == 0 && length == 0)
		return 0;
	errno = EEXIST;
	return alf_check(launch, ALF_STEP_FILTER_PRESENT, -1);
}

static int open_one(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket)
{
	*socket = (struct alf_socket){ .fd = -1, .sink = -1, .peer = -1 };
	if (listener->inherited)
		return adopt(launch, listener, socket);
	return listener->tier == ALF_TIER_STEER ? alf_open_steered(launch, listener, socket) :
						  open_filtered(launch, listener, socket);
}

static int open_listeners(struct alf_launch *launch)
{
	for (uint32_t i = 0; i < launch->plan.listener_count; i++) {
		alf_at_listener(launch, i);
		/* Counted first: what a failed one has opened is closed as well. */
		launch->opened = i + 1;
		if (open_one(launch, &launch->plan.listeners[i], &launch->sockets[i]) < 0)
			return -1;
		launch->sockets[i].ready = true;
	}
	return 0;
}

/* Inherited listeners are shared with other processes, so they come last; until the handover each step can be undone. */
static int attach_adopted(struct alf_launch *launch)
{
	for (uint32_t i = 0; i < launch->opened; i++) {
		const struct alf_listener *listener = &launch->plan.listeners[i];

		if (!listener->inherited || listener->tier == ALF_TIER_NONE)
			continue;
		alf_at_listener(launch, i);
		if (alf_attach(launch, listener, launch->sockets[i].fd) < 0)
			return -1;
		launch->sockets[i].attached = true;
	}
	return 0;
}

int alf_open(struct alf_launch *launch)
{
	return open_listeners(launch) < 0 || alf_start_companion(launch) < 0 || attach_adopted(launch) < 0 ||
			       alf_change_process(launch) < 0 ?
		       -1 :
		       0;
}

int alf_settle(struct alf_launch *launch, alf_is_allowed *is_allowed, void *context)
{
	const struct alf_bytes *guard = &launch->plan.guard;

	if (launch->plan.interception.on) {
		if (alf_intercept(launch) < 0)
			return -1;
	} else if (guard->size > 0 && alf_check(launch, ALF_STEP_GUARD, alf_install_guard(guard)) < 0) {
		return -1;
	}
	return alf_drain_backlogs(launch, is_allowed, context);
}

void alf_undo(const struct alf_listener *listener, const struct alf_socket *socket)
{
	const int unused = 0;

	/* An inherited listener has kept its descriptor. */
	if (socket->attached)
		setsockopt(listener->fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused));
	alf_remove_file(listener, socket);
}

static void close_one(const struct alf_listener *listener, struct alf_socket *socket)
{
	/* While the socket is open, no other process takes the file for one that was left behind and puts its own there. */
	alf_undo(listener, socket);
	alf_close_fd(&socket->fd);
	alf_close_fd(&socket->peer);
	alf_close_fd(&socket->sink);
}

void alf_close(struct alf_launch *launch)
{
	while (launch->opened > 0) {
		launch->opened--;
		close_one(&launch->plan.listeners[launch->opened], &launch->sockets[launch->opened]);
	}
	alf_close_fd(&launch->channel);
	free(launch->sockets);
	launch->sockets = NULL;
	alf_release_plan(&launch->plan);
}
