/* Network interfaces, by rtnetlink(7). */
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "addon.h"
#include "arguments.h"

using alf::bytes;
using alf::is_bytes;
using alf::status;
using Info = Napi::CallbackInfo;

struct LinkRequest {
	struct nlmsghdr header;
	struct ifinfomsg info;
	char attributes[RTA_SPACE(sizeof(uint32_t)) + RTA_SPACE(ALTIFNAMSIZ)];
};

static void append(struct LinkRequest &request, unsigned short type, const void *data, size_t size)
{
	auto *attribute = reinterpret_cast<struct rtattr *>(reinterpret_cast<char *>(&request) + request.header.nlmsg_len);
	attribute->rta_type = type;
	attribute->rta_len = RTA_LENGTH(size);
	memcpy(RTA_DATA(attribute), data, size);
	request.header.nlmsg_len += RTA_SPACE(size);
}

static struct LinkRequest make_request(const std::string &name, int index)
{
	struct LinkRequest request = {};
	request.header.nlmsg_len = NLMSG_LENGTH(sizeof(request.info));
	request.header.nlmsg_type = RTM_GETLINK;
	request.header.nlmsg_flags = NLM_F_REQUEST;
	request.info.ifi_index = index;
	uint32_t mask = RTEXT_FILTER_SKIP_STATS;
	append(request, IFLA_EXT_MASK, &mask, sizeof(mask));
	/* Kernels find an alternative name under either attribute; the first has no room for a long one. */
	if (index == 0)
		append(request, name.size() < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME, name.c_str(), name.size() + 1);
	return request;
}

/* Sends the request and waits for the answer, which the kernel has written when send(2) returns. */
static ssize_t exchange(const struct LinkRequest &request, alf::Bytes into)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -1;
	ssize_t size = send(fd, &request, request.header.nlmsg_len, 0);
	if (size >= 0)
		size = recv(fd, into.data, into.size, MSG_DONTWAIT | MSG_TRUNC);
	int error = errno;
	close(fd);
	errno = error;
	return size;
}

/* link(name or ifindex, into) -> size of the RTM_NEWLINK message */
static Napi::Value get_link(const Info &info)
{
	ALF_REQUIRE(info, (info[0].IsString() || info[0].IsNumber()) && is_bytes(info[1]));
	auto into = bytes(info[1]);
	ALF_REQUIRE(info, into.size >= NLMSG_LENGTH(sizeof(struct nlmsgerr)));
	std::string name = info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : "";
	int index = info[0].IsNumber() ? alf::integer(info[0]) : 0;
	errno = ENODEV;
	if (name.size() >= ALTIFNAMSIZ || (name.empty() && index <= 0))
		return status(info, -1);
	ssize_t size = exchange(make_request(name, index), into);
	if (size < 0)
		return status(info, -1);
	struct nlmsghdr header;
	errno = EMSGSIZE;
	if (static_cast<size_t>(size) > into.size || static_cast<size_t>(size) < sizeof(header))
		return status(info, -1);
	memcpy(&header, into.data, sizeof(header));
	if (header.nlmsg_type != NLMSG_ERROR)
		return status(info, static_cast<long>(size));
	int error;
	memcpy(&error, into.data + NLMSG_HDRLEN, sizeof(error));
	errno = -error;
	return status(info, -1);
}

void alf::define_link(Napi::Object exports)
{
	define(exports, "link", get_link);
}
