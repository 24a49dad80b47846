/* Sockets: one function, one system call. */
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "addon.h"
#include "arguments.h"

using alf::bytes;
using alf::integer;
using alf::is_bytes;
using alf::status;
using Info = Napi::CallbackInfo;

/* setsockopt(fd, level, name, int) */
static Napi::Value set_option(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsNumber() && info[2].IsNumber() && info[3].IsNumber());
	int value = integer(info[3]);
	return status(info, setsockopt(integer(info[0]), integer(info[1]), integer(info[2]), &value, sizeof(value)));
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

/* getsockname(fd, into) -> size */
static Napi::Value socket_name(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && is_bytes(info[1]));
	auto into = bytes(info[1]);
	socklen_t size = into.size;
	int result = getsockname(integer(info[0]), reinterpret_cast<sockaddr *>(into.data), &size);
	return status(info, result < 0 ? result : static_cast<long>(size));
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
	define(exports, "setsockopt", set_option);
	define(exports, "getsockopt", get_option);
	define(exports, "getsockname", socket_name);
	define(exports, "close", close_fd);
	define(exports, "interfaceIndex", interface_index);
}
