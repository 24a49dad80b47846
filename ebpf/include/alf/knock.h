/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of port knocking: the sequence, the progress of each address, and the addresses that completed it.
 */
#ifndef ALF_KNOCK_H
#define ALF_KNOCK_H

#include <alf/key.h>
#include <alf/packet.h>

#define ALF_KNOCK_PORTS 16

/* The sequence; it ends at the first port 0. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, ALF_KNOCK_PORTS);
	__type(key, __u32);
	__type(value, struct portnumber);
} ports SEC(".maps");

/*
 * Number of correct consecutive knocks of an address. Separate from `opened`: a flood of first knocks from forged
 * addresses can evict unfinished sequences, but no address that completed it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct address6);
	__type(value, __u32);
} progress SEC(".maps");

/* The addresses that completed the sequence. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct address6);
	__type(value, __u8);
} opened SEC(".maps");

/* Reads the sender as one 16-byte key for both families; IPv4 as ::ffff:a.b.c.d. */
ALF_INLINE bool alf_sender(struct __sk_buff *skb, struct address6 *sender)
{
	if (alf_is(skb, ETH_P_IP)) {
		if (!alf_source4(skb, (struct address4 *)&sender->bytes[12]))
			return false;
		/* After the address: alf/key.h. */
		__builtin_memset(sender, 0, 10);
		sender->bytes[10] = sender->bytes[11] = 0xff;
		return true;
	}
	return alf_is(skb, ETH_P_IPV6) && alf_source6(skb, sender);
}

/*
 * True for a packet that opens a connection: a SYN without ACK, or any UDP datagram. The protocol is read from the IP
 * header, since the transport header does not have it. A packet with IPv6 extension headers is not a knock.
 */
ALF_INLINE bool alf_is_knock(struct __sk_buff *skb)
{
	bool v4 = alf_is(skb, ETH_P_IP);
	__u32 at = v4 ? offsetof(struct iphdr, protocol) : offsetof(struct ipv6hdr, nexthdr);
	__u8 protocol, flags;

	if (!alf_load_net(skb, at, &protocol, sizeof(protocol)))
		return false;
	if (protocol == IPPROTO_UDP)
		return true;
	if (protocol != IPPROTO_TCP || bpf_skb_load_bytes(skb, 13, &flags, sizeof(flags)) < 0)
		return false;
	return (flags & 0x12) == 0x02;
}

/* Returns the port of a step of the sequence, network order; 0 after its end. */
ALF_INLINE __be16 alf_step(__u32 step)
{
	__u64 key = alf_key(step);
	struct portnumber *port = bpf_map_lookup_elem(&ports, &key);

	return port ? port->be : 0;
}

/* Handles one knock: advances if it is the next port, else restarts the sequence (where it may be the first). */
ALF_INLINE void alf_advance(const struct address6 *sender, __be16 port)
{
	__u32 *known = bpf_map_lookup_elem(&progress, sender);
	__u32 done = known ? *known : 0;
	__u8 yes = 1;

	if (port == 0 || (done > 0 && port == alf_step(done - 1)))
		return;
	if (port != alf_step(done))
		done = 0;
	if (port == alf_step(done))
		done++;

	if (done == 0) {
		bpf_map_delete_elem(&progress, sender);
	} else if (alf_step(done) == 0) {
		bpf_map_update_elem(&opened, sender, &yes, BPF_ANY);
		bpf_map_delete_elem(&progress, sender);
	} else {
		bpf_map_update_elem(&progress, sender, &done, BPF_ANY);
	}
}

#endif
