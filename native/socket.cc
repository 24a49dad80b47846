/* Sockets: one function, one system call. */
#include <fcntl.h>
#include <linux/tcp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "addon.h"
#include "arguments.h"

using alf::bytes;
using alf::integer;
using alf::is_bytes;
using alf::status;
using Info = Napi::CallbackInfo;

/* socket(family, type, protocol) -> fd, close-on-exec */
static Napi::Value open_socket(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsNumber() && info[2].IsNumber());
	return status(info, socket(integer(info[0]), integer(info[1]) | SOCK_CLOEXEC, integer(info[2])));
}

/* setsockopt(fd, level, name, int) */
static Napi::Value set_option(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsNumber() && info[2].IsNumber() && info[3].IsNumber());
	int value = integer(info[3]);
	return status(info, setsockopt(integer(info[0]), integer(info[1]), integer(info[2]), &value, sizeof(value)));
}

/* setsockoptText(fd, level, name, text) */
static Napi::Value set_option_text(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsNumber() && info[2].IsNumber() && info[3].IsString());
	auto value = info[3].As<Napi::String>().Utf8Value();
	return status(info, setsockopt(integer(info[0]), integer(info[1]), integer(info[2]), value.c_str(), value.size()));
}

/* getsockopt(fd, level, name, into) -> size */
static Napi::Value get_option(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsNumber() && info[2].IsNumber() && is_bytes(info[3]));
	auto into = bytes(info[3]);
	socklen_t size = into.size;
	int result = getsockopt(integer(info[0]), integer(info[1]), integer(info[2]), into.data, &size);
	return status(info, result < 0 ? result : static_cast<long>(size));
}

/* md5Key(fd, sockaddr, prefixLength, key): setsockopt(2) TCP_MD5SIG_EXT */
static Napi::Value set_md5_key(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && is_bytes(info[1]) && info[2].IsNumber() && is_bytes(info[3]));
	auto address = bytes(info[1]), key = bytes(info[3]);
	tcp_md5sig option = {};
	ALF_REQUIRE(info, address.size <= sizeof(option.tcpm_addr) && key.size <= sizeof(option.tcpm_key));
	memcpy(&option.tcpm_addr, address.data, address.size);
	memcpy(option.tcpm_key, key.data, key.size);
	option.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
	option.tcpm_prefixlen = static_cast<uint8_t>(integer(info[2]));
	option.tcpm_keylen = static_cast<uint16_t>(key.size);
	return status(info, setsockopt(integer(info[0]), IPPROTO_TCP, TCP_MD5SIG_EXT, &option, sizeof(option)));
}

/* bind(fd, sockaddr) */
static Napi::Value bind_socket(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && is_bytes(info[1]));
	auto address = bytes(info[1]);
	return status(info, bind(integer(info[0]), reinterpret_cast<sockaddr *>(address.data), address.size));
}

/* bindFile(fd, sockaddr, mode): bind(2) under a umask that leaves the file of a UNIX socket these permissions */
static Napi::Value bind_file(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && is_bytes(info[1]) && info[2].IsNumber());
	auto address = bytes(info[1]);
	mode_t before = umask(~static_cast<mode_t>(integer(info[2])) & 0777);
	int result = bind(integer(info[0]), reinterpret_cast<sockaddr *>(address.data), address.size);
	int error = errno;
	umask(before);
	errno = error;
	return status(info, result);
}

/* unlink(path) */
static Napi::Value unlink_file(const Info &info)
{
	ALF_REQUIRE(info, is_bytes(info[0]));
	auto path = bytes(info[0]);
	return status(info, unlink(std::string(reinterpret_cast<char *>(path.data), path.size).c_str()));
}

/* listen(fd, backlog) */
static Napi::Value listen_socket(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsNumber());
	return status(info, listen(integer(info[0]), integer(info[1])));
}

/* connect(fd, sockaddr) */
static Napi::Value connect_socket(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && is_bytes(info[1]));
	auto address = bytes(info[1]);
	return status(info, connect(integer(info[0]), reinterpret_cast<sockaddr *>(address.data), address.size));
}

/* poll(fd, events, timeoutMs) -> revents, 0 if the time is over */
static Napi::Value poll_fd(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsNumber() && info[2].IsNumber());
	pollfd event = { integer(info[0]), static_cast<short>(integer(info[1])), 0 };
	int result = poll(&event, 1, integer(info[2]));
	return status(info, result < 0 ? result : event.revents);
}

/* getsockname(fd, into) -> size */
static Napi::Value socket_name(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && is_bytes(info[1]));
	auto into = bytes(info[1]);
	socklen_t size = into.size;
	int result = getsockname(integer(info[0]), reinterpret_cast<sockaddr *>(into.data), &size);
	return status(info, result < 0 ? result : static_cast<long>(size));
}

/* resetWaiting(fd, into): accept4(2), SO_LINGER 0, close(2); into receives the peer's sockaddr */
static Napi::Value reset_waiting(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && is_bytes(info[1]));
	auto into = bytes(info[1]);
	socklen_t size = into.size;
	int fd = integer(info[0]);
	/* Whoever else has the socket may have taken the last one between a look and an accept(2) that waits. */
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || ((flags & O_NONBLOCK) == 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0))
		return status(info, -1);
	int connection = accept4(fd, reinterpret_cast<sockaddr *>(into.data), &size, SOCK_CLOEXEC);
	int error = errno;
	if ((flags & O_NONBLOCK) == 0)
		fcntl(fd, F_SETFL, flags);
	if (connection >= 0) {
		linger now = { 1, 0 };
		setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		close(connection);
	}
	errno = error;
	return status(info, connection < 0 ? -1 : 0);
}

/* discardDatagram(fd): recv(2) of nothing of a datagram */
static Napi::Value discard_datagram(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber());
	return status(info, recv(integer(info[0]), nullptr, 0, MSG_DONTWAIT | MSG_TRUNC) < 0 ? -1 : 0);
}

/* random(into) -> size */
static Napi::Value random_bytes(const Info &info)
{
	ALF_REQUIRE(info, is_bytes(info[0]));
	auto into = bytes(info[0]);
	return status(info, getrandom(into.data, into.size, 0));
}

/* close(fd) */
static Napi::Value close_fd(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber());
	return status(info, close(integer(info[0])));
}

/* interfaceIndex(name) -> ifindex */
static Napi::Value interface_index(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsString());
	unsigned int index = if_nametoindex(info[0].As<Napi::String>().Utf8Value().c_str());
	return status(info, index == 0 ? -1 : static_cast<long>(index));
}

void alf::define_socket(Napi::Object exports)
{
	define(exports, "socket", open_socket);
	define(exports, "setsockopt", set_option);
	define(exports, "setsockoptText", set_option_text);
	define(exports, "getsockopt", get_option);
	define(exports, "md5Key", set_md5_key);
	define(exports, "bind", bind_socket);
	define(exports, "bindFile", bind_file);
	define(exports, "unlink", unlink_file);
	define(exports, "listen", listen_socket);
	define(exports, "connect", connect_socket);
	define(exports, "poll", poll_fd);
	define(exports, "getsockname", socket_name);
	define(exports, "resetWaiting", reset_waiting);
	define(exports, "discardDatagram", discard_datagram);
	define(exports, "random", random_bytes);
	define(exports, "close", close_fd);
	define(exports, "interfaceIndex", interface_index);
}
