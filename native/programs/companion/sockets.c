/*
 * Filters a socket of the target's that was fetched, and makes it receive: bind(2) of a UDP socket, listen(2) of a TCP
 * socket. The companion makes these calls itself, for in place of the target another socket could meanwhile have its number.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "companion.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif
#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif

#define NOT_DECLARED "no --listen declares it"

static const char *const tier_names[ALF_TIERS] = { "none", "ebpf", "classic", "steer" };

int option_of(int fd, int level, int name)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return getsockopt(fd, level, name, &value, &size) < 0 ? -errno : value;
}

static uint16_t port_of(const struct sockaddr_storage *address)
{
	return ntohs(address->ss_family == AF_INET ? ((const struct sockaddr_in *)address)->sin_port :
						     ((const struct sockaddr_in6 *)address)->sin6_port);
}

static bool is_unspecified(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET ?
		       ((const struct sockaddr_in *)address)->sin_addr.s_addr == htonl(INADDR_ANY) :
		       IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

static bool same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	if (a->ss_family != b->ss_family)
		return false;
	return a->ss_family == AF_INET ?
		       ((const struct sockaddr_in *)a)->sin_addr.s_addr == ((const struct sockaddr_in *)b)->sin_addr.s_addr :
		       memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr, &((const struct sockaddr_in6 *)b)->sin6_addr,
			      sizeof(struct in6_addr)) == 0;
}

/* Whether a declaration covers a socket. */
static bool covers(const struct alf_declaration *declaration, const struct sockaddr_storage *address)
{
	struct sockaddr_storage declared = { 0 };

	memcpy(&declared, declaration->address.data, declaration->address.size);
	if (port_of(&declared) != 0 && port_of(&declared) != port_of(address))
		return false;
	if (is_unspecified(&declared))
		return declared.ss_family == AF_INET6 || address->ss_family == AF_INET;
	return same_host(&declared, address);
}

static bool is_declared(int protocol, const struct sockaddr_storage *address)
{
	const struct alf_interception *interception = &companion.launch.plan.interception;

	for (uint32_t i = 0; i < interception->declared_count; i++)
		if (interception->declared[i].protocol == protocol && covers(&interception->declared[i], address))
			return true;
	return false;
}

/* Fails a call, and says why. */
static int refuse(const struct seccomp_notif *call, int fd, const struct sockaddr_storage *address, int error, const char *hint)
{
	struct socket_name name = name_socket(call, fd, address);
	char what[sizeof(name.text) + 16];

	snprintf(what, sizeof(what), "filter %s", name.text);
	report_refusal(what, -error, hint);
	return error;
}

static int refuse_undeclared(const struct seccomp_notif *call, int fd, const struct sockaddr_storage *address)
{
	struct socket_name name = name_socket(call, fd, address);
	char what[sizeof(name.text) + 16];

	snprintf(what, sizeof(what), "allow %s", name.text);
	report_refusal(what, EACCES, NOT_DECLARED);
	return -EACCES;
}

static void report(const struct seccomp_notif *call, int fd, enum alf_tier tier)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	struct socket_name name;
	char what[sizeof(name.text) + 16];

	if (!companion.launch.plan.interception.verbose || getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		return;
	name = name_socket(call, fd, &address);
	snprintf(what, sizeof(what), "%s: %s", name.text, tier_names[tier]);
	report_socket(what);
}

/* Whether the filter of a locked socket is the one that was attached: another thread could have exchanged it before the lock. */
static bool has_filter(int fd, const struct alf_listener *filter)
{
	socklen_t count = (socklen_t)(filter->program.size / sizeof(struct sock_filter)), length = 0;
	struct sock_filter *attached;
	bool same;

	if (filter->tier == ALF_TIER_EBPF)
		return getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &length) < 0 && errno == EACCES;
	if (getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &length) < 0 || length != count)
		return false;
	attached = malloc(filter->program.size);
	same = attached != NULL && getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, attached, &length) == 0 &&
	       memcmp(attached, filter->program.data, filter->program.size) == 0;
	free(attached);
	return same;
}

/* Attaches and locks. A socket that is locked already has inherited its filter from a listener of ours. */
static int put_filter(int fd, const struct alf_listener *filter)
{
	if (option_of(fd, SOL_SOCKET, SO_LOCK_FILTER) == 1)
		return 0;
	if (alf_attach(&companion.launch, filter, fd) < 0 || alf_lock(&companion.launch, fd) < 0)
		return -companion.launch.failure.error;
	return has_filter(fd, filter) ? 0 : -EPERM;
}

/* A socket of the target's as a client: what it receives is not filtered. */
static bool is_client(const struct sockaddr_storage *address)
{
	const struct alf_interception *interception = &companion.launch.plan.interception;
	uint16_t port = port_of(address);

	if (interception->client_first > interception->client_last || is_declared(IPPROTO_UDP, address))
		return false;
	return port == 0 || (port >= interception->client_first && port <= interception->client_last);
}

/* A service that chose a port among those of clients would go unfiltered. */
static void warn_of_service(const struct seccomp_notif *call, int fd, const struct sockaddr_storage *address)
{
	struct socket_name name;
	char what[sizeof(name.text) + 128];

	if (port_of(address) == 0 || (option_of(fd, SOL_SOCKET, SO_REUSEADDR) != 1 && option_of(fd, SOL_SOCKET, SO_REUSEPORT) != 1))
		return;
	name = name_socket(call, fd, address);
	snprintf(what, sizeof(what), "%s is not filtered: its port is in net.ipv4.ip_local_port_range; if it is a service: --listen udp:%d",
		 name.text, port_of(address));
	report_warning(what);
}

static int bind_as_caller(const struct seccomp_notif *call, int fd, const struct sockaddr_storage *address, socklen_t size)
{
	int result;

	if (may_bind_low_ports(call))
		use_low_ports(true);
	result = bind(fd, (const struct sockaddr *)address, size) < 0 ? -errno : 0;
	use_low_ports(false);
	return result;
}

int bind_filtered(const struct seccomp_notif *call, int fd, const struct sockaddr_storage *address, socklen_t size)
{
	const struct alf_interception *interception = &companion.launch.plan.interception;
	int result;

	if (is_client(address)) {
		result = bind_as_caller(call, fd, address, size);
		if (result == 0)
			warn_of_service(call, fd, address);
		return result;
	}
	if (interception->refuse && port_of(address) != 0 && !is_declared(IPPROTO_UDP, address))
		return refuse_undeclared(call, fd, address);
	result = put_filter(fd, &interception->udp);
	if (result < 0)
		return refuse(call, fd, address, result, NULL);
	result = bind_as_caller(call, fd, address, size);
	if (result == 0)
		report(call, fd, interception->udp.tier);
	return result;
}

/* Gives a socket that is not bound a port, as listen(2) does. */
static int ensure_port(int fd, struct sockaddr_storage *address)
{
	socklen_t size = sizeof(*address);

	memset(address, 0, sizeof(*address));
	if (getsockname(fd, (struct sockaddr *)address, &size) < 0)
		return -errno;
	if (port_of(address) != 0)
		return 0;
	if (bind(fd, (const struct sockaddr *)address, size) < 0)
		return -errno;
	size = sizeof(*address);
	return getsockname(fd, (struct sockaddr *)address, &size) < 0 ? -errno : 0;
}

/* A sink in another network namespace than the listener would guard nothing. */
static bool is_in_other_network(int fd)
{
	uint64_t theirs = 0, ours = 1;
	socklen_t size = sizeof(theirs);
	int own = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool same = own >= 0 && getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &theirs, &size) == 0 &&
		    getsockopt(own, SOL_SOCKET, SO_NETNS_COOKIE, &ours, &size) == 0 && theirs == ours;

	if (own >= 0)
		close(own);
	return !same;
}

static bool is_same_address(const struct group *group, const struct sockaddr_storage *address, int device, int v6only)
{
	return group->device == device && group->v6only == v6only && port_of(&group->address) == port_of(address) &&
	       same_host(&group->address, address) && group->address.ss_family == address->ss_family &&
	       (address->ss_family == AF_INET || ((const struct sockaddr_in6 *)&group->address)->sin6_scope_id ==
							 ((const struct sockaddr_in6 *)address)->sin6_scope_id);
}

static int find_group(const struct sockaddr_storage *address, int device, int v6only)
{
	for (int i = 0; i < MAX_GROUPS; i++) {
		const struct group *group = group_of(i);

		if (group != NULL && is_same_address(group, address, device, v6only))
			return i;
	}
	return -ENOENT;
}

/* Opens a group beside a socket, as the user of that socket: the members of a group have one owner. */
static int open_group(int fd, const struct sockaddr_storage *address, int device, int v6only)
{
	struct alf_listener sink = companion.launch.plan.interception.tcp;
	struct alf_socket socket = { .fd = fd, .sink = -1, .peer = -1 };
	struct group group = { .address = *address, .device = device, .v6only = v6only, .members = 1 };
	struct stat status;
	int result;

	if (fstat(fd, &status) < 0)
		return -errno;
	sink.family = address->ss_family;
	/* The program is exchanged when the number of listeners changes. */
	sink.lock = false;
	setfsuid(status.st_uid);
	use_low_ports(true);
	result = alf_open_group_beside(&companion.launch, &sink, &socket);
	use_low_ports(false);
	setfsuid(geteuid());
	group.sink = socket.sink;
	group.peer = socket.peer;
	if (result == 0)
		result = add_group(&group);
	else
		result = -companion.launch.failure.error;
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
	struct sock_filter *instruction =
		(struct sock_filter *)interception->tcp.program.data + interception->spread;
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
static int join(const struct seccomp_notif *call, int number, int fd, int backlog)
{
	struct alf_listener member = companion.launch.plan.interception.tcp;
	pid_t process = process_of((pid_t)call->pid);
	int listener, result = process == companion.target ? 0 : tie_process(process);

	if (result < 0)
		return result;
	listener = add_listener(number, fd);
	if (listener < 0)
		return listener;
	member.backlog = backlog;
	if (alf_join_group(&companion.launch, &member, fd) < 0) {
		result = -companion.launch.failure.error;
		remove_listener(listener, fd);
		return result;
	}
	/* A listener that is not counted gets no connections. */
	return spread(number);
}

static int steer(const struct seccomp_notif *call, int fd, const struct sockaddr_storage *address, int backlog)
{
	int device = option_of(fd, SOL_SOCKET, SO_BINDTOIFINDEX);
	int v6only = address->ss_family == AF_INET6 ? option_of(fd, IPPROTO_IPV6, IPV6_V6ONLY) : 0;
	int number = find_group(address, device, v6only), result;

	if (is_in_other_network(fd))
		return -EXDEV;
	if (number >= 0 && option_of(fd, SOL_SOCKET, SO_REUSEPORT) != 1)
		return -EADDRINUSE;
	if (number < 0)
		number = open_group(fd, address, device, v6only);
	if (number < 0)
		return number;
	result = join(call, number, fd, backlog);
	if (count_listeners(number) == 0)
		close_group(number);
	return result;
}

static int filter_and_listen(const struct seccomp_notif *call, int fd, const struct sockaddr_storage *address, int backlog)
{
	const struct alf_listener *filter = &companion.launch.plan.interception.tcp;
	int result;

	if (filter->tier == ALF_TIER_STEER)
		return steer(call, fd, address, backlog);
	result = put_filter(fd, filter);
	return result < 0 ? result : listen(fd, backlog) < 0 ? -errno : 0;
}

/* What another program could have caused, and a program expects. */
static bool is_common(int error) { return error == -EADDRINUSE || error == -EINVAL; }

int listen_filtered(const struct seccomp_notif *call, int fd, int backlog)
{
	const struct alf_interception *interception = &companion.launch.plan.interception;
	struct sockaddr_storage address;
	int result;

	/* Again: only the backlog changes. */
	if (option_of(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1)
		return listen(fd, backlog) < 0 ? -errno : 0;
	result = ensure_port(fd, &address);
	if (result < 0)
		return result;
	if (interception->refuse && !is_declared(IPPROTO_TCP, &address))
		return refuse_undeclared(call, fd, &address);
	result = filter_and_listen(call, fd, &address, backlog);
	if (result < 0)
		return is_common(result) ? result :
		       refuse(call, fd, &address, result,
			      result == -EXDEV ? "it is in another network namespace than alfwrapper: tiers ebpf and classic filter there" : NULL);
	report(call, fd, interception->tcp.tier);
	return 0;
}
