/* Names of constants and addresses. */
#define _GNU_SOURCE
#include "words.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

struct name {
	int level;
	int number;
	const char *word;
};

#define OPTION(level, option) { level, option, #option }

static const struct name options[] = {
	OPTION(SOL_SOCKET, SO_REUSEADDR),
	OPTION(SOL_SOCKET, SO_REUSEPORT),
	OPTION(SOL_SOCKET, SO_ATTACH_FILTER),
	OPTION(SOL_SOCKET, SO_DETACH_FILTER),
	OPTION(SOL_SOCKET, SO_ATTACH_BPF),
	OPTION(SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF),
	OPTION(SOL_SOCKET, SO_LOCK_FILTER),
	OPTION(SOL_SOCKET, SO_COOKIE),
	OPTION(SOL_SOCKET, SO_LINGER),
	OPTION(SOL_SOCKET, SO_BINDTODEVICE),
	OPTION(SOL_SOCKET, SO_KEEPALIVE),
	OPTION(SOL_SOCKET, SO_MARK),
	OPTION(IPPROTO_IP, IP_MINTTL),
	OPTION(IPPROTO_IP, IP_TTL),
	OPTION(IPPROTO_IPV6, IPV6_V6ONLY),
	OPTION(IPPROTO_IPV6, IPV6_UNICAST_HOPS),
	{ IPPROTO_IPV6, 73, "IPV6_MINHOPCOUNT" },
	OPTION(IPPROTO_TCP, TCP_INFO),
	OPTION(IPPROTO_TCP, TCP_MD5SIG_EXT),
	OPTION(IPPROTO_TCP, TCP_CONGESTION),
};

const char *word_of_option(int level, int name, int reading)
{
	static char number[16];

	if (reading && level == SOL_SOCKET && name == SO_GET_FILTER)
		return "SO_GET_FILTER";
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].level == level && options[i].number == name)
			return options[i].word;
	snprintf(number, sizeof(number), "%d", name);
	return number;
}

const char *word_of_family(int family)
{
	switch (family) {
	case AF_INET:
		return "AF_INET";
	case AF_INET6:
		return "AF_INET6";
	case AF_UNIX:
		return "AF_UNIX";
	}
	return "?";
}

const char *word_of_type(int type)
{
	static char text[64];
	int base = type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);

	snprintf(text, sizeof(text), "%s%s%s",
		 base == SOCK_STREAM ? "SOCK_STREAM" :
		 base == SOCK_DGRAM  ? "SOCK_DGRAM" :
				       "SOCK_SEQPACKET",
		 type & SOCK_NONBLOCK ? "|SOCK_NONBLOCK" : "", type & SOCK_CLOEXEC ? "|SOCK_CLOEXEC" : "");
	return text;
}

const char *word_of_level(int level)
{
	switch (level) {
	case SOL_SOCKET:
		return "SOL_SOCKET";
	case IPPROTO_IP:
		return "IPPROTO_IP";
	case IPPROTO_IPV6:
		return "IPPROTO_IPV6";
	case IPPROTO_TCP:
		return "IPPROTO_TCP";
	}
	return "?";
}

const char *word_of_host(const struct sockaddr_storage *address)
{
	static char text[INET6_ADDRSTRLEN];
	const void *host = address->ss_family == AF_INET ? (const void *)&((const struct sockaddr_in *)address)->sin_addr :
							   (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr;

	return inet_ntop(address->ss_family, host, text, sizeof(text));
}

static const char *word_of_unix(const struct sockaddr_un *address, socklen_t size, char *text, size_t room)
{
	int name = (int)(size - offsetof(struct sockaddr_un, sun_path));

	if (address->sun_path[0] == 0)
		snprintf(text, room, "unix @%.*s", name - 1, address->sun_path + 1);
	else
		snprintf(text, room, "unix %s", address->sun_path);
	return text;
}

const char *word_of_address(const void *address, socklen_t size)
{
	static char text[128];
	struct sockaddr_storage copy;

	memset(&copy, 0, sizeof(copy));
	memcpy(&copy, address, size);
	if (copy.ss_family == AF_UNIX)
		return word_of_unix((const struct sockaddr_un *)&copy, size, text, sizeof(text));
	snprintf(text, sizeof(text), copy.ss_family == AF_INET ? "%s:%u" : "[%s]:%u", word_of_host(&copy),
		 ntohs(((const struct sockaddr_in *)&copy)->sin_port));
	return text;
}
