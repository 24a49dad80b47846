/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The scheme of the 2017 alfwrapper: rules are elements of a hash table that is probed by their number, one after the other,
 * in an unrolled loop; each rule reads the sender from the packet again. RULES for IPv4, 15 for IPv6.
 */

#include <alf/packet.h>

#ifndef RULES
#define RULES 15
#endif
#define RULES6 15

#define NETWORK_HEADER	(-0x100000)	/* SKF_NET_OFF */

unsigned long long load_word(void *skb, unsigned long long offset) asm("llvm.bpf.load.word");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RULES);
	__type(key, __u32);
	__type(value, struct subnet4);
} allow4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RULES6);
	__type(key, __u32);
	__type(value, struct subnet6);
} allow6 SEC(".maps");

ALF_INLINE bool matches4(struct __sk_buff *skb, const struct subnet4 *rule)
{
	__u32 sender = load_word(skb, NETWORK_HEADER + offsetof(struct iphdr, saddr));

	return (sender ^ bpf_ntohl(*(const __be32 *)&rule->address)) >> (32 - rule->prefixlen) == 0;
}

ALF_INLINE bool matches6(struct __sk_buff *skb, const struct subnet6 *rule)
{
	const __be32 *words = (const __be32 *)&rule->address;
	__u32 length = rule->prefixlen;

	for (int i = 0; i < 4; i++) {
		__u32 word = load_word(skb, NETWORK_HEADER + offsetof(struct ipv6hdr, saddr) + 4 * i);
		__u64 differs = (word ^ bpf_ntohl(words[i])) & 0xffffffffU;

		if (length <= 32)
			return differs >> (32 - length) == 0;
		if (differs)
			return false;
		length -= 32;
	}
	return true;
}

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	if (alf_is(skb, ETH_P_IP)) {
#pragma clang loop unroll(full)
		for (int i = 0; i < RULES; i++) {
			__u32 number = i;
			struct subnet4 *rule = bpf_map_lookup_elem(&allow4, &number);

			if (!rule)
				return ALF_DENY;
			if (matches4(skb, rule))
				return ALF_ALLOW;
		}
		return ALF_DENY;
	}
#pragma clang loop unroll(full)
	for (int i = 0; i < RULES6; i++) {
		__u32 number = i;
		struct subnet6 *rule = bpf_map_lookup_elem(&allow6, &number);

		if (!rule)
			return ALF_DENY;
		if (matches6(skb, rule))
			return ALF_ALLOW;
	}
	return ALF_DENY;
}

ALF_LICENSE;
