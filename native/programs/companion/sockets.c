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
#include <sys/stat.h>
#include <unistd.h>

#include "companion.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif
#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif

#define OTHER_NETWORK "it is in another network namespace than alfwrapper: tiers ebpf and classic filter there"

int option_of(int fd, int level, int name)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return getsockopt(fd, level, name, &value, &size) < 0 ? -errno : value;
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

int put_filter(int fd, const struct alf_listener *filter)
{
	/* Locked by an earlier attempt, perhaps with a filter that another thread had put there. */
	if (option_of(fd, SOL_SOCKET, SO_LOCK_FILTER) == 1)
		return has_filter(fd, filter) ? 0 : -EPERM;
	if (alf_attach(&companion.launch, filter, fd) < 0 || alf_lock(&companion.launch, fd) < 0)
		return -companion.launch.failure.error;
	return has_filter(fd, filter) ? 0 : -EPERM;
}

/* A socket of the target's as a client: what it receives is not filtered. */
static bool is_client(const struct sockaddr_storage *address)
{
	const struct alf_interception *interception = &companion.launch.plan.interception;
	uint16_t port = port_of(address);

	if (interception->client_first > interception->client_last || is_port_declared(IPPROTO_UDP, port))
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
	name = name_socket(call, "udp", address);
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

/* The kernel may have chosen the port. */
static void report_bound(const struct seccomp_notif *call, int fd)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &size) == 0)
		report_tier(call, "udp", &address, companion.launch.plan.interception.udp.tier);
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
		return refuse_undeclared(call, "udp", address);
	result = put_filter(fd, &interception->udp);
	if (result < 0)
		return refuse(call, "udp", address, result, NULL);
	result = bind_as_caller(call, fd, address, size);
	if (result == 0)
		report_bound(call, fd);
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

static int steer(const struct seccomp_notif *call, int fd, const struct sockaddr_storage *address, int backlog)
{
	struct member member = {
		.address = *address,
		.device = option_of(fd, SOL_SOCKET, SO_BINDTOIFINDEX),
		.v6only = address->ss_family == AF_INET6 ? option_of(fd, IPPROTO_IPV6, IPV6_V6ONLY) : 0,
		.shares = option_of(fd, SOL_SOCKET, SO_REUSEPORT) == 1,
		.fd = fd,
		.backlog = backlog,
	};
	struct stat status;
	int result;

	if (is_in_other_network(fd))
		return -EXDEV;
	if (fstat(fd, &status) < 0)
		return -errno;
	member.owner = status.st_uid;
	result = watch_socket(companion.watched, fd, &member.inode);
	return result < 0 ? result : steer_member(call, &member);
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

/* Failures that the target would have had without us, and expects. */
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
		return refuse_undeclared(call, "tcp", &address);
	result = filter_and_listen(call, fd, &address, backlog);
	if (result == -EXDEV)
		return refuse(call, "tcp", &address, -EPERM, OTHER_NETWORK);
	if (result < 0)
		return is_common(result) ? result : refuse(call, "tcp", &address, result, NULL);
	report_tier(call, "tcp", &address, interception->tcp.tier);
	return 0;
}
