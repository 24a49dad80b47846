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

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 query;
};

static int send_request(int fd, int family, uint16_t port)
{
	struct request request;

	memset(&request, 0, sizeof(request));
	request.header.nlmsg_len = sizeof(request);
	request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request.query.sdiag_family = (uint8_t)family;
	request.query.sdiag_protocol = IPPROTO_TCP;
	request.query.idiag_states = 1 << TCP_LISTEN | 1 << TCP_ESTABLISHED | 1 << TCP_CLOSE_WAIT;
	request.query.id.idiag_sport = htons(port);
	return ALF_CALL(send(fd, &request, sizeof(request), 0)) < 0 ? -errno : 0;
}

/* Whether IP_TRANSPARENT is set. */
static bool is_transparent(const struct nlmsghdr *header)
{
	const struct nlattr *attribute =
		(const struct nlattr *)((const char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct inet_diag_msg)));
	int rest = (int)NLMSG_PAYLOAD(header, NLMSG_ALIGN(sizeof(struct inet_diag_msg)));

	while (rest >= NLA_HDRLEN && attribute->nla_len >= NLA_HDRLEN && attribute->nla_len <= rest) {
		if (attribute->nla_type == INET_DIAG_SOCKOPT &&
		    attribute->nla_len >= NLA_HDRLEN + (int)sizeof(struct inet_diag_sockopt)) {
			struct inet_diag_sockopt options;

			memcpy(&options, (const char *)attribute + NLA_HDRLEN, sizeof(options));
			return options.transparent;
		}
		rest -= NLA_ALIGN(attribute->nla_len);
		attribute = (const struct nlattr *)((const char *)attribute + NLA_ALIGN(attribute->nla_len));
	}
	return false;
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

static int append(struct alf_tcp_list *list, const struct inet_diag_msg *message, bool transparent)
{
	struct alf_tcp_socket *sockets = realloc(list->sockets, (list->count + 1) * sizeof(*sockets)), *socket;

	if (sockets == NULL)
		return -ENOMEM;
	list->sockets = sockets;
	socket = &sockets[list->count++];
	socket->state = message->idiag_state;
	socket->transparent = transparent;
	socket->device = message->id.idiag_if;
	socket->cookie = (uint64_t)message->id.idiag_cookie[1] << 32 | message->id.idiag_cookie[0];
	copy_end(&socket->ends.from, message->idiag_family, message->id.idiag_dst, message->id.idiag_dport);
	copy_end(&socket->ends.to, message->idiag_family, message->id.idiag_src, message->id.idiag_sport);
	return 0;
}

/* Returns 1 at the end of the list, 0 if more is to come, or -errno. */
static int take_message(const struct nlmsghdr *header, struct alf_tcp_list *list)
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
	if (message.idiag_state != TCP_LISTEN && message.idiag_inode != 0)
		return 0;
	return append(list, &message, is_transparent(header));
}

/* Returns 1 at the end of the list, 0 if more is to come, or -errno. */
static int take_datagram(const char *buffer, size_t size, struct alf_tcp_list *list)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
	int result = 0;

	for (; result == 0 && NLMSG_OK(header, size); header = NLMSG_NEXT(header, size))
		result = take_message(header, list);
	return result;
}

static int receive_list(int fd, struct alf_tcp_list *list)
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
			result = take_datagram(buffer, (size_t)received, list);
	}
	free(buffer);
	return result > 0 ? 0 : result;
}

int alf_list_tcp(struct alf_tcp_list *list, int family, uint16_t port)
{
	int result, fd = ALF_CALL(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));

	list->sockets = NULL;
	list->count = 0;
	if (fd < 0)
		return -errno;
	result = send_request(fd, family, port);
	if (result == 0)
		result = receive_list(fd, list);
	close(fd);
	return result;
}
