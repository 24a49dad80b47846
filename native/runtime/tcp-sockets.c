/* Lists the TCP sockets of a port. See sock_diag(7). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* A message of the kernel's is at most 32 KiB long. */
#define BUFFER_BYTES 65536

/* What is asked for. */
struct query {
	uint32_t states;
	uint8_t family;
	uint16_t port; /* 0: each */
	/* Sockets in these states are listed although they belong to a file. */
	uint32_t with_file;
};

/* Bound only; of the kernel's, like TCP_LISTEN. Since Linux 6.8. */
#define TCP_BOUND_INACTIVE 13

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 query;
};

static int send_request(int fd, const struct query *query)
{
	struct request request;

	memset(&request, 0, sizeof(request));
	request.header.nlmsg_len = sizeof(request);
	request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request.query.sdiag_family = query->family;
	request.query.sdiag_protocol = IPPROTO_TCP;
	request.query.idiag_states = query->states;
	request.query.id.idiag_sport = htons(query->port);
	return ALF_CALL(send(fd, &request, sizeof(request), 0)) < 0 ? -errno : 0;
}

/* Copies an attribute of a message. Returns whether it is there. */
static bool copy_attribute(const struct nlmsghdr *header, uint16_t type, void *value, size_t size)
{
	const struct nlattr *attribute =
		(const struct nlattr *)((const char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct inet_diag_msg)));
	int rest = (int)NLMSG_PAYLOAD(header, NLMSG_ALIGN(sizeof(struct inet_diag_msg)));

	while (rest >= NLA_HDRLEN && attribute->nla_len >= NLA_HDRLEN && attribute->nla_len <= rest) {
		if (attribute->nla_type == type && attribute->nla_len >= NLA_HDRLEN + size) {
			memcpy(value, (const char *)attribute + NLA_HDRLEN, size);
			return true;
		}
		rest -= NLA_ALIGN(attribute->nla_len);
		attribute = (const struct nlattr *)((const char *)attribute + NLA_ALIGN(attribute->nla_len));
	}
	return false;
}

/* Whether IP_TRANSPARENT is set. */
static bool is_transparent(const struct nlmsghdr *header)
{
	struct inet_diag_sockopt options;

	return copy_attribute(header, INET_DIAG_SOCKOPT, &options, sizeof(options)) && options.transparent;
}

static bool is_v6only(const struct nlmsghdr *header)
{
	uint8_t v6only = 0;

	return copy_attribute(header, INET_DIAG_SKV6ONLY, &v6only, sizeof(v6only)) && v6only;
}

static void copy_end(struct sockaddr_storage *end, uint8_t family, const uint32_t *address, uint16_t port)
{
	struct sockaddr_in *end4 = (struct sockaddr_in *)end;
	struct sockaddr_in6 *end6 = (struct sockaddr_in6 *)end;

	memset(end, 0, sizeof(*end));
	end->ss_family = family;
	if (family == AF_INET) {
		end4->sin_port = port;
		memcpy(&end4->sin_addr, address, sizeof(end4->sin_addr));
		return;
	}
	end6->sin6_port = port;
	memcpy(&end6->sin6_addr, address, sizeof(end6->sin6_addr));
}

static int append(struct alf_tcp_list *list, const struct inet_diag_msg *message, const struct nlmsghdr *header)
{
	struct alf_tcp_socket *sockets = realloc(list->sockets, (list->count + 1) * sizeof(*sockets)), *socket;

	if (sockets == NULL)
		return -ENOMEM;
	list->sockets = sockets;
	socket = &sockets[list->count++];
	socket->state = message->idiag_state;
	socket->inode = message->idiag_inode;
	socket->v6only = is_v6only(header);
	socket->transparent = is_transparent(header);
	socket->device = message->id.idiag_if;
	socket->cookie = (uint64_t)message->id.idiag_cookie[1] << 32 | message->id.idiag_cookie[0];
	copy_end(&socket->ends.from, message->idiag_family, message->id.idiag_dst, message->id.idiag_dport);
	copy_end(&socket->ends.to, message->idiag_family, message->id.idiag_src, message->id.idiag_sport);
	return 0;
}

/* Returns 1 at the end of the list, 0 if more is to come, or -errno. */
static int take_message(const struct nlmsghdr *header, const struct query *query, struct alf_tcp_list *list)
{
	struct inet_diag_msg message;
	int error = 0;

	if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) {
		if (NLMSG_PAYLOAD(header, 0) >= sizeof(error))
			memcpy(&error, NLMSG_DATA(header), sizeof(error));
		return error < 0 ? error : 1;
	}
	if (NLMSG_PAYLOAD(header, 0) < sizeof(message))
		return -EPROTO;
	memcpy(&message, NLMSG_DATA(header), sizeof(message));
	/* A busy port can have very many connections that a process has accepted. */
	if ((query->with_file >> message.idiag_state & 1) == 0 && message.idiag_inode != 0)
		return 0;
	return append(list, &message, header);
}

/* Returns 1 at the end of the list, 0 if more is to come, or -errno. */
static int take_datagram(const char *buffer, size_t size, const struct query *query, struct alf_tcp_list *list)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
	int result = 0;

	for (; result == 0 && NLMSG_OK(header, size); header = NLMSG_NEXT(header, size))
		result = take_message(header, query, list);
	return result;
}

static int receive_list(int fd, const struct query *query, struct alf_tcp_list *list)
{
	char *buffer = malloc(BUFFER_BYTES);
	int result = buffer == NULL ? -ENOMEM : 0;

	while (result == 0) {
		ssize_t received = ALF_CALL(recv(fd, buffer, BUFFER_BYTES, MSG_TRUNC));

		if (received < 0 && errno == EINTR)
			continue;
		if (received <= 0 || received > BUFFER_BYTES)
			result = received < 0 ? -errno : -EPROTO;
		else
			result = take_datagram(buffer, (size_t)received, query, list);
	}
	free(buffer);
	return result > 0 ? 0 : result;
}

static int list_sockets(struct alf_tcp_list *list, const struct query *query)
{
	int result, fd = ALF_CALL(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));

	list->sockets = NULL;
	list->count = 0;
	if (fd < 0)
		return -errno;
	result = send_request(fd, query);
	if (result == 0)
		result = receive_list(fd, query, list);
	close(fd);
	return result;
}

int alf_list_tcp(struct alf_tcp_list *list, int family, uint16_t port)
{
	const struct query query = {
		.states = 1 << TCP_LISTEN | 1 << TCP_ESTABLISHED | 1 << TCP_CLOSE_WAIT,
		.family = (uint8_t)family,
		.port = port,
		.with_file = 1 << TCP_LISTEN,
	};

	return list_sockets(list, &query);
}

static int find_bound(ino_t inode, int family, struct alf_bound *bound)
{
	const struct query query = {
		.states = 1 << TCP_BOUND_INACTIVE,
		.family = (uint8_t)family,
		/* The state they are listed in. */
		.with_file = 1 << TCP_CLOSE,
	};
	struct alf_tcp_list list;
	int result = list_sockets(&list, &query);

	if (result == 0)
		result = -ENOENT;
	for (uint32_t i = 0; result == -ENOENT && i < list.count; i++) {
		const struct alf_tcp_socket *socket = &list.sockets[i];

		if (socket->inode != inode)
			continue;
		bound->address = socket->ends.to;
		bound->device = socket->device;
		bound->v6only = socket->v6only;
		result = 0;
	}
	free(list.sockets);
	return result;
}

int alf_find_bound(ino_t inode, struct alf_bound *bound)
{
	int result = find_bound(inode, AF_INET, bound);

	return result == -ENOENT ? find_bound(inode, AF_INET6, bound) : result;
}
