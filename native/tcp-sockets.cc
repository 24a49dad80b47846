/* Asks NETLINK_SOCK_DIAG for the TCP sockets of a port. */
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "addon.h"
#include "arguments.h"

using Info = Napi::CallbackInfo;

namespace {

/* One message of the kernel's is at most 32 KiB long. */
constexpr size_t BUFFER = 65536;

struct Socket {
	inet_diag_msg message;
	bool transparent;
};

struct Request {
	nlmsghdr header;
	inet_diag_req_v2 query;
};

int send_request(int fd, int family, int port)
{
	Request request = {};
	request.header.nlmsg_len = sizeof(request);
	request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request.query.sdiag_family = static_cast<__u8>(family);
	request.query.sdiag_protocol = IPPROTO_TCP;
	request.query.idiag_states = 1 << TCP_LISTEN | 1 << TCP_ESTABLISHED | 1 << TCP_CLOSE_WAIT;
	request.query.id.idiag_sport = htons(static_cast<uint16_t>(port));
	return send(fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

/* Whether IP_TRANSPARENT is set. Kernels before 5.14 do not tell. */
bool is_transparent(const nlmsghdr *header)
{
	auto attribute = reinterpret_cast<const nlattr *>(static_cast<const char *>(NLMSG_DATA(header)) +
							  NLMSG_ALIGN(sizeof(inet_diag_msg)));
	int rest = static_cast<int>(NLMSG_PAYLOAD(header, NLMSG_ALIGN(sizeof(inet_diag_msg))));

	while (rest >= NLA_HDRLEN && attribute->nla_len >= NLA_HDRLEN && attribute->nla_len <= rest) {
		if (attribute->nla_type == INET_DIAG_SOCKOPT &&
		    attribute->nla_len >= NLA_HDRLEN + static_cast<int>(sizeof(inet_diag_sockopt))) {
			inet_diag_sockopt options;
			memcpy(&options, reinterpret_cast<const char *>(attribute) + NLA_HDRLEN, sizeof(options));
			return options.transparent;
		}
		rest -= NLA_ALIGN(attribute->nla_len);
		attribute = reinterpret_cast<const nlattr *>(reinterpret_cast<const char *>(attribute) +
							     NLA_ALIGN(attribute->nla_len));
	}
	return false;
}

/* Takes one message. Returns 1 at the end of the list, 0 if more is to come, or -errno. */
int take_message(const nlmsghdr *header, std::vector<Socket> &found)
{
	if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) {
		int error = 0;
		if (NLMSG_PAYLOAD(header, 0) >= sizeof(error))
			memcpy(&error, NLMSG_DATA(header), sizeof(error));
		return error < 0 ? error : 1;
	}
	if (NLMSG_PAYLOAD(header, 0) < sizeof(inet_diag_msg))
		return -EPROTO;
	Socket socket;
	memcpy(&socket.message, NLMSG_DATA(header), sizeof(socket.message));
	/* Connections of a busy port that a process has accepted could be very many. */
	if (socket.message.idiag_state != TCP_LISTEN && socket.message.idiag_inode != 0)
		return 0;
	socket.transparent = is_transparent(header);
	found.push_back(socket);
	return 0;
}

int receive_all(int fd, std::vector<Socket> &found)
{
	std::vector<char> buffer(BUFFER);

	for (int result = 0; result == 0;) {
		ssize_t received = recv(fd, buffer.data(), buffer.size(), MSG_TRUNC);
		if (received < 0 && errno == EINTR)
			continue;
		if (received <= 0 || received > static_cast<ssize_t>(buffer.size()))
			return received < 0 ? -errno : -EPROTO;
		unsigned int rest = static_cast<unsigned int>(received);
		for (auto header = reinterpret_cast<nlmsghdr *>(buffer.data()); result == 0 && NLMSG_OK(header, rest);
		     header = NLMSG_NEXT(header, rest))
			result = take_message(header, found);
		if (result < 0)
			return result;
		if (result > 0)
			break;
	}
	return 0;
}

int list_sockets(int family, int port, std::vector<Socket> &found)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return -errno;
	int result = send_request(fd, family, port);
	if (result == 0)
		result = receive_all(fd, found);
	close(fd);
	return result;
}

Napi::Object endpoint(Napi::Env env, int family, const __be32 *address, __be16 port)
{
	Napi::Object object = Napi::Object::New(env);
	size_t size = family == AF_INET ? 4 : 16;
	auto bytes = Napi::Uint8Array::New(env, size);

	memcpy(bytes.Data(), address, size);
	object.Set("bytes", bytes);
	object.Set("port", ntohs(port));
	return object;
}

Napi::Object describe(Napi::Env env, const Socket &socket)
{
	const inet_diag_msg &message = socket.message;
	const inet_diag_sockid &id = message.id;
	Napi::Object object = Napi::Object::New(env);

	object.Set("state", message.idiag_state);
	object.Set("local", endpoint(env, message.idiag_family, id.idiag_src, id.idiag_sport));
	object.Set("peer", endpoint(env, message.idiag_family, id.idiag_dst, id.idiag_dport));
	object.Set("device", id.idiag_if);
	object.Set("transparent", socket.transparent);
	object.Set("cookie",
		   Napi::BigInt::New(env, static_cast<uint64_t>(id.idiag_cookie[1]) << 32 | id.idiag_cookie[0]));
	return object;
}

/*
 * tcpSockets(family, port) -> of this network namespace, those at this local port that listen, and those that are
 * connected and belong to no file
 */
Napi::Value tcp_sockets(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsNumber());
	std::vector<Socket> found;
	int result = list_sockets(alf::integer(info[0]), alf::integer(info[1]), found);
	if (result < 0)
		return Napi::Number::New(info.Env(), result);
	Napi::Array list = Napi::Array::New(info.Env(), found.size());
	for (size_t i = 0; i < found.size(); i++)
		list.Set(static_cast<uint32_t>(i), describe(info.Env(), found[i]));
	return list;
}

} // namespace

void alf::define_tcp_sockets(Napi::Object exports) { define(exports, "tcpSockets", tcp_sockets); }
