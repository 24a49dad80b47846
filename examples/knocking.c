/* SPDX-License-Identifier: MIT */
/*
 * Port knocking in libbpf style: allows an address that has sent from each of the source ports in order.
 *
 *   alfwrapper --set ports,0,15000 --set ports,1,15001 --set ports,2,15002 examples/knocking.c mydaemon
 *
 * ebpf/knocking.c is the version for production: it handles retransmitted knocks and floods.
 */
#include <alf/packet.h>

#define MAX_PORTS 16

/* The sequence; it ends at the first port 0. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_PORTS);
	__type(key, __u32);
	__type(value, struct portnumber);
} ports SEC(".maps");

/* The number of correct knocks of each address. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct address6);
	__type(value, __u32);
} progress SEC(".maps");

/* Reads the sender; IPv4 as ::ffff:a.b.c.d, because a dual-stack socket has clients of both families. */
static bool find_sender(struct __sk_buff *skb, struct address6 *sender)
{
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return alf_source6(skb, sender);
	if (skb->protocol != bpf_htons(ETH_P_IP))
		return false;
	__builtin_memset(sender, 0, 10);
	sender->bytes[10] = sender->bytes[11] = 0xff;
	return alf_source4(skb, (struct address4 *)&sender->bytes[12]);
}

/* Returns the port of a step, network order; 0 after the last step. */
static __be16 port_of(__u32 step)
{
	struct portnumber *port = bpf_map_lookup_elem(&ports, &step);

	return port ? port->be : 0;
}

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	struct address6 sender;
	__u32 *known, done;
	__be16 from;

	/* Offset 0 is the TCP or UDP header; both begin with the source port. */
	if (port_of(0) == 0 || !find_sender(skb, &sender) || bpf_skb_load_bytes(skb, 0, &from, sizeof(from)) < 0)
		return ALF_DENY;
	known = bpf_map_lookup_elem(&progress, &sender);
	done = known ? *known : 0;
	if (port_of(done) == 0)
		return ALF_ALLOW;
	/* A wrong knock restarts the sequence, and may be its first port. */
	if (from != port_of(done))
		done = 0;
	if (from == port_of(done))
		done++;
	bpf_map_update_elem(&progress, &sender, &done, BPF_ANY);
	return ALF_DENY;
}

ALF_LICENSE;
