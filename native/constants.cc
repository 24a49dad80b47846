/* The kernel's numbers, from its own headers: TypeScript never writes one down. */
#include <linux/capability.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "addon.h"

#ifndef SO_LOCK_FILTER
#define SO_LOCK_FILTER 44
#endif

#define CONSTANT(name) constants.Set(#name, Napi::Number::New(env, name))

void alf::define_constants(Napi::Object exports)
{
	Napi::Env env = exports.Env();
	Napi::Object constants = Napi::Object::New(env);

	CONSTANT(AF_INET);
	CONSTANT(AF_INET6);
	CONSTANT(SOCK_STREAM);
	CONSTANT(SOCK_DGRAM);
	CONSTANT(IPPROTO_IPV6);
	CONSTANT(IPV6_V6ONLY);
	CONSTANT(SOL_SOCKET);
	CONSTANT(SOMAXCONN);
	CONSTANT(SO_ATTACH_BPF);
	CONSTANT(SO_LOCK_FILTER);
	CONSTANT(SO_REUSEADDR);
	CONSTANT(CAP_BPF);
	CONSTANT(CAP_NET_BIND_SERVICE);
	CONSTANT(CAP_SETPCAP);
	exports.Set("constants", constants);
}
