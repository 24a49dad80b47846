/* SPDX-License-Identifier: MIT */
/*
 * Port knocking in the dialect of BCC: allows an address that has sent from each of the source ports in order.
 *
 *   alfwrapper --set ports,0,15000 --set ports,1,15001 --set ports,2,15002 examples/knocking-bcc.c mydaemon
 */
#include <bcc/proto.h>

#define IPV4 0x0800
#define IPV6 0x86dd

/* Headers as BCC's cursors read them: numbers in machine byte order. */
#define NETWORK ((void *)-0x100000)
#define TRANSPORT ((void *)0)

struct sender {
	uint64_t upper;
	uint64_t lower;
};

/* The sequence; it ends at the first port 0. */
BPF_ARRAY(ports, uint32_t, 16);

/* The number of correct knocks of each address. */
BPF_TABLE("lru_hash", struct sender, uint32_t, progress, 65536);

static inline uint32_t port_of(uint32_t step)
{
	uint32_t *port = ports.lookup(&step);

	return port ? *port : 0;
}

uint32_t filter(struct __sk_buff *skb)
{
	uint16_t protocol = bpf_ntohs(skb->protocol);
	/* Both UDP and TCP begin with the source port. */
	struct tcp_t *tcp = TRANSPORT;
	struct sender sender = {};
	uint32_t *known, done = 0;

	/* An IPv4 sender is ::ffff:a.b.c.d. Cursors work only in this function, which has the packet. */
	if (protocol == IPV6) {
		struct ip6_t *ip6 = NETWORK;
		sender.upper = ip6->src_hi;
		sender.lower = ip6->src_lo;
	} else if (protocol == IPV4) {
		struct ip_t *ip = NETWORK;
		sender.lower = 0xffff00000000 | ip->src;
	}
	if (port_of(0) == 0 || sender.lower == 0)
		return 0;
	known = progress.lookup(&sender);
	if (known)
		done = *known;
	if (port_of(done) == 0)
		return skb->len;
	uint32_t from = tcp->src_port;
	/* A wrong knock restarts the sequence, and may be its first port. */
	if (from != port_of(done))
		done = 0;
	if (from == port_of(done))
		done++;
	progress.update(&sender, &done);
	return 0;
}
