/*
 * Sockets that the companion creates in place of the target, where it may not fetch them: it keeps no descriptor of them. They
 * get what makes them harmless before the target has them: UDP sockets their filter, TCP sockets what a member of a group needs.
 *
 * The target itself makes a TCP socket listen, after its address has a group. So a program with several threads can, if it
 * means to, put another socket under the number meanwhile: docs/tiers.md.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "companion.h"

#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND (1UL << 1)
#endif

#define TYPE_MASK 0xf
#define NOT_BOUND "the kernel does not list its address: before Linux 6.8, or it has no port yet; lend CAP_SYS_PTRACE"

#define NOT_CREATED "it was accepted from another listener; lend CAP_SYS_PTRACE"

/* Sockets that asked for SO_REUSEPORT, oldest first forgotten. */
#define MAX_SHARING 256
static ino_t sharing[MAX_SHARING];
static int next_sharing;

static int prepare(int fd, int type)
{
	const int yes = 1;

	if (type == SOCK_DGRAM)
		return put_filter(fd, &companion.launch.plan.interception.udp);
	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
			       setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes)) < 0 ||
			       alf_lock(&companion.launch, fd) < 0 ?
		       -errno :
		       0;
}

/* Gives the target the socket as the result of its call. */
static int give(const struct seccomp_notif *call, int fd, int type)
{
	struct seccomp_notif_addfd order = {
		.id = call->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (uint32_t)fd,
		.newfd_flags = (uint32_t)(type & SOCK_CLOEXEC),
	};

	return ioctl(notifications(), SECCOMP_IOCTL_NOTIF_ADDFD, &order) < 0 ? -errno : ANSWERED;
}

int create_socket(const struct seccomp_notif *call)
{
	int domain = (int)call->data.args[0], type = (int)call->data.args[1], fd, result;
	ino_t inode;

	if ((domain != AF_INET && domain != AF_INET6) || ((type & TYPE_MASK) != SOCK_STREAM && (type & TYPE_MASK) != SOCK_DGRAM))
		return GO_ON;
	if (!is_in_same_network(call))
		return -EPERM;
	fd = socket(domain, type | SOCK_CLOEXEC, (int)call->data.args[2]);
	if (fd < 0)
		return -errno;
	result = prepare(fd, type & TYPE_MASK);
	if (result == 0 && (type & TYPE_MASK) == SOCK_STREAM)
		result = watch_socket(companion.watched, fd, &inode);
	if (result == 0)
		result = give(call, fd, type);
	close(fd);
	return result;
}

static bool is_sharing(ino_t inode)
{
	for (int i = 0; i < MAX_SHARING; i++)
		if (sharing[i] == inode)
			return true;
	return false;
}

int share_created(const struct seccomp_notif *call, int fd)
{
	long inode = inode_of(call, fd);

	if (inode < 0)
		return (int)inode;
	/* The option is set already, and stays: what counts is that the target asked. */
	if (!is_sharing((ino_t)inode))
		sharing[next_sharing++ % MAX_SHARING] = (ino_t)inode;
	return 0;
}

/* Whether an inode is that of a UNIX socket. Lines: address, count, protocol, flags, type, state, inode, path. */
static bool is_unix(ino_t inode)
{
	FILE *list = fopen("/proc/self/net/unix", "re");
	char line[256];
	unsigned long listed;
	bool found = false;

	if (list == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), list) != NULL)
		found = sscanf(line, "%*s %*s %*s %*s %*s %*s %lu", &listed) == 1 && listed == inode;
	fclose(list);
	return found;
}

/* Finds the address of a socket that the companion has created and that is bound. Returns 0 or -errno. */
static int find_address(const struct seccomp_notif *call, ino_t inode, struct alf_bound *bound)
{
	int result = alf_find_bound(inode, bound);

	if (result < 0) {
		bound->address = (struct sockaddr_storage){ .ss_family = AF_INET };
		return refuse(call, "tcp", &bound->address, -EOPNOTSUPP, NOT_BOUND);
	}
	/* It was accepted, and disconnected: it cannot be seen when it is closed. */
	return is_watched(inode) ? 0 : refuse(call, "tcp", &bound->address, -EOPNOTSUPP, NOT_CREATED);
}

int listen_created(const struct seccomp_notif *call, int fd)
{
	const struct alf_interception *interception = &companion.launch.plan.interception;
	long inode = inode_of(call, fd);
	struct member member = { .inode = (ino_t)inode, .owner = geteuid(), .shares = is_sharing((ino_t)inode), .fd = -1 };
	struct alf_bound bound;
	int result;

	if (inode < 0)
		return (int)inode;
	/* Again, or a socket of another kind. */
	if (is_listener((ino_t)inode) || is_unix((ino_t)inode))
		return GO_ON;
	result = find_address(call, (ino_t)inode, &bound);
	if (result < 0)
		return result;
	if (interception->refuse && !is_declared(IPPROTO_TCP, &bound.address))
		return refuse_undeclared(call, "tcp", &bound.address);
	member.address = bound.address;
	member.device = (int)bound.device;
	member.v6only = bound.v6only;
	result = steer_member(call, &member);
	if (result < 0)
		return result == -EADDRINUSE ? result : refuse(call, "tcp", &bound.address, result, NULL);
	report_tier(call, "tcp", &bound.address, interception->tcp.tier);
	return GO_ON;
}
