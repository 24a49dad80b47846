/* The kernel's numbers, from its own headers: TypeScript never writes one down. */
#include <linux/capability.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>

#include "addon.h"

#ifndef SO_LOCK_FILTER
#define SO_LOCK_FILTER 44
#endif

/* Where getsockopt(TCP_INFO) puts the length of a listener's accept queue, and the most it takes. */
#define ACCEPT_QUEUE_LENGTH offsetof(struct tcp_info, tcpi_unacked)
#define ACCEPT_QUEUE_MAXIMUM offsetof(struct tcp_info, tcpi_sacked)

#define CONSTANT(name) constants.Set(#name, Napi::Number::New(env, name))

void alf::define_constants(Napi::Object exports)
{
	Napi::Env env = exports.Env();
	Napi::Object constants = Napi::Object::New(env);

	CONSTANT(AF_INET);
	CONSTANT(AF_INET6);
	CONSTANT(AF_UNIX);
	CONSTANT(SOCK_STREAM);
	CONSTANT(SOCK_DGRAM);
	CONSTANT(SOCK_SEQPACKET);
	CONSTANT(SOCK_NONBLOCK);
	CONSTANT(IPPROTO_IP);
	CONSTANT(IPPROTO_IPV6);
	CONSTANT(IPPROTO_TCP);
	CONSTANT(IP_TTL);
	CONSTANT(IP_MINTTL);
	CONSTANT(IPV6_UNICAST_HOPS);
	CONSTANT(IPV6_MINHOPCOUNT);
	CONSTANT(IPV6_V6ONLY);
	CONSTANT(SOL_SOCKET);
	CONSTANT(SOMAXCONN);
	CONSTANT(SO_ATTACH_BPF);
	CONSTANT(SO_ATTACH_FILTER);
	CONSTANT(SO_ATTACH_REUSEPORT_CBPF);
	CONSTANT(SO_LOCK_FILTER);
	CONSTANT(SO_REUSEADDR);
	CONSTANT(SO_REUSEPORT);
	CONSTANT(TCP_INFO);
	CONSTANT(ACCEPT_QUEUE_LENGTH);
	CONSTANT(ACCEPT_QUEUE_MAXIMUM);
	CONSTANT(POLLIN);
	CONSTANT(EINPROGRESS);
	CONSTANT(EADDRINUSE);
	CONSTANT(ECONNREFUSED);
	CONSTANT(EPROTOTYPE);
	CONSTANT(CAP_BPF);
	CONSTANT(CAP_NET_ADMIN);
	CONSTANT(CAP_NET_BIND_SERVICE);
	CONSTANT(CAP_SETPCAP);
	exports.Set("constants", constants);
}
