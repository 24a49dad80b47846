/* Sockets of the target's on tier steer: the groups that are opened beside them. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "companion.h"

#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif

static bool is_same_address(const struct group *group, const struct member *member)
{
	const struct sockaddr_storage *a = &group->address, *b = &member->address;

	return group->device == member->device && group->v6only == member->v6only && port_of(a) == port_of(b) &&
	       same_host(a, b) &&
	       (a->ss_family == AF_INET ||
		((const struct sockaddr_in6 *)a)->sin6_scope_id == ((const struct sockaddr_in6 *)b)->sin6_scope_id);
}

static int find_group(const struct member *member)
{
	for (int i = 0; i < MAX_GROUPS; i++) {
		const struct group *group = group_of(i);

		if (group != NULL && is_same_address(group, member))
			return i;
	}
	return -ENOENT;
}

/* Opens the sink with the options that make its address that of the member. */
static int open_at_address(const struct member *member, struct alf_listener *sink, struct alf_socket *socket)
{
	const int yes = 1;
	struct alf_option options[3] = {
		{ SOL_SOCKET, SO_REUSEADDR, { (const uint8_t *)&yes, sizeof(yes) }, false },
	};
	uint32_t count = 1;

	if (member->device != 0)
		options[count++] = (struct alf_option){ SOL_SOCKET, SO_BINDTOIFINDEX,
							{ (const uint8_t *)&member->device, sizeof(member->device) }, false };
	if (member->address.ss_family == AF_INET6)
		options[count++] = (struct alf_option){ IPPROTO_IPV6, IPV6_V6ONLY,
							{ (const uint8_t *)&member->v6only, sizeof(member->v6only) }, false };
	sink->options = options;
	sink->option_count = count;
	return alf_open_group(&companion.launch, sink, socket, &member->address);
}

/* Opens a group beside a socket, as the user of that socket: the members of a group have one owner. */
static int open_group(const struct member *member)
{
	struct alf_listener sink = companion.launch.plan.interception.tcp;
	struct alf_socket socket = { .fd = member->fd, .sink = -1, .peer = -1 };
	struct group group = { .address = member->address, .device = member->device, .v6only = member->v6only, .members = 1 };
	int result;

	sink.family = member->address.ss_family;
	/* The program is exchanged when the number of listeners changes. */
	sink.lock = false;
	setfsuid(member->owner);
	use_low_ports(true);
	result = member->fd >= 0 ? alf_open_group_beside(&companion.launch, &sink, &socket) :
				   open_at_address(member, &sink, &socket);
	use_low_ports(false);
	setfsuid(geteuid());
	group.sink = socket.sink;
	group.peer = socket.peer;
	result = result < 0 ? -companion.launch.failure.error : add_group(&group);
	if (result >= 0)
		return result;
	if (socket.sink >= 0)
		close(socket.sink);
	if (socket.peer >= 0)
		close(socket.peer);
	return result;
}

/* Gives the program of a group the number of its listeners. */
static int spread(int number)
{
	const struct alf_interception *interception = &companion.launch.plan.interception;
	struct group *group = group_of(number);
	struct sock_filter *instruction = (struct sock_filter *)interception->tcp.program.data + interception->spread;
	int members = count_listeners(number);

	if (members == group->members || members == 0)
		return 0;
	instruction->k = (uint32_t)members;
	if (alf_attach_program(&interception->tcp.program, group->sink, SO_ATTACH_REUSEPORT_CBPF) < 0)
		return -errno;
	group->members = members;
	return 0;
}

void spread_all(void)
{
	for (int i = 0; i < MAX_GROUPS; i++)
		if (group_of(i) != NULL)
			spread(i);
}

/* Enters the listener before it listens: from then on its group stays open. */
static int join(const struct seccomp_notif *call, int number, const struct member *member)
{
	struct alf_listener listener = companion.launch.plan.interception.tcp;
	pid_t process = process_of((pid_t)call->pid);
	int entry, result = process == companion.target ? 0 : tie_process(process);

	if (result < 0)
		return result;
	entry = add_listener(number, member->inode);
	if (entry < 0)
		return entry;
	listener.backlog = member->backlog;
	if (member->fd >= 0 && alf_join_group(&companion.launch, &listener, member->fd) < 0) {
		result = -companion.launch.failure.error;
		remove_listener(entry);
		return result;
	}
	/* A listener that is not counted gets no connections. */
	return spread(number);
}

int steer_member(const struct seccomp_notif *call, const struct member *member)
{
	int number = find_group(member), result;

	if (number >= 0 && !member->shares)
		return -EADDRINUSE;
	if (number < 0)
		number = open_group(member);
	if (number < 0)
		return number;
	result = join(call, number, member);
	if (count_listeners(number) == 0)
		close_group(number);
	return result;
}
