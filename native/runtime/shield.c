/*
 * Keeps all peers but this process from a listening socket while its accept queue is not full yet, in two ways:
 *
 *  - A minimum hop limit of 255. No router forwards such a packet undiminished, and no client sends one by default.
 *  - TCP's MD5 signatures with a random key, where the kernel has them. They stop local clients that set the hop limit.
 *
 * Rejected packets get no answer. See ip(7) IP_MINTTL, tcp(7) TCP_MD5SIG, RFC 2385, RFC 5082.
 */
#define _GNU_SOURCE
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>

#include "internal.h"

#ifndef IP_MINTTL
#define IP_MINTTL 21
#endif
#ifndef IPV6_MINHOPCOUNT
#define IPV6_MINHOPCOUNT 73
#endif

#define MAX_HOPS 255

int alf_make_shield(struct alf_launch *launch, struct alf_shield *shield, int family)
{
	shield->family = family;
	return alf_check(launch, ALF_STEP_KEY, ALF_CALL(getrandom(shield->key, sizeof(shield->key), 0)));
}

/*
 * Wants signatures from the peers in a prefix and signs what is sent to them; without a key, no longer. Kernels without
 * the option refuse it for both ends alike, so the result does not matter. Prefixes: since Linux 4.13.
 */
static void set_key(int fd, const struct sockaddr_storage *address, uint8_t prefix_length, const uint8_t *key)
{
	struct tcp_md5sig option;

	memset(&option, 0, sizeof(option));
	memcpy(&option.tcpm_addr, address, alf_address_size(address));
	option.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
	option.tcpm_prefixlen = prefix_length;
	if (key != NULL) {
		option.tcpm_keylen = SHIELD_KEY_BYTES;
		memcpy(option.tcpm_key, key, SHIELD_KEY_BYTES);
	}
	(void)ALF_CALL(setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &option, sizeof(option)));
}

static void sign_for_all(const struct alf_shield *shield, int fd, const uint8_t *key)
{
	struct sockaddr_storage any = { .ss_family = (sa_family_t)shield->family };

	set_key(fd, &any, 0, key);
	if (shield->family == AF_INET)
		return;
	/* IPv4 clients of a dual-stack socket: ::ffff:0.0.0.0. */
	memset(&((struct sockaddr_in6 *)&any)->sin6_addr.s6_addr[10], 0xff, 2);
	set_key(fd, &any, 0, key);
}

/* To be called before listen(2). */
int alf_raise_shield(struct alf_launch *launch, const struct alf_shield *shield, int fd)
{
	const int hops = MAX_HOPS;

	/* A dual-stack socket receives packets of both families. */
	if (alf_check(launch, ALF_STEP_SHIELD, ALF_CALL(setsockopt(fd, IPPROTO_IP, IP_MINTTL, &hops, sizeof(hops)))) < 0)
		return -1;
	if (shield->family == AF_INET6 &&
	    alf_check(launch, ALF_STEP_SHIELD,
		      ALF_CALL(setsockopt(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, &hops, sizeof(hops)))) < 0)
		return -1;
	sign_for_all(shield, fd, shield->key);
	return 0;
}

/* A full queue does not need them. */
void alf_drop_signatures(const struct alf_shield *shield, int fd) { sign_for_all(shield, fd, NULL); }

/* Lets a socket that is about to connect pass. */
int alf_pass_shield(const struct alf_shield *shield, int fd, const struct sockaddr_storage *to)
{
	const int hops = MAX_HOPS;

	if (to->ss_family == AF_INET) {
		set_key(fd, to, 32, shield->key);
		return ALF_CALL(setsockopt(fd, IPPROTO_IP, IP_TTL, &hops, sizeof(hops)));
	}
	set_key(fd, to, 128, shield->key);
	return ALF_CALL(setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof(hops)));
}
