/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of prefixes, one for each family, and the test whether they contain the sender. Longest-prefix-match tries hold as
 * many prefixes as fit into memory; a look-up costs about the same for three and for three hundred prefixes.
 */
#ifndef ALF_WHITELIST_H
#define ALF_WHITELIST_H

#include <alf/packet.h>

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, ALF_UNBOUNDED);
	__type(key, struct subnet4);
	__type(value, struct index);
} allow4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, ALF_UNBOUNDED);
	__type(key, struct subnet6);
	__type(value, struct index);
} allow6 SEC(".maps");

ALF_INLINE bool alf_whitelisted(struct __sk_buff *skb)
{
	if (alf_is(skb, ETH_P_IP)) {
		struct subnet4 sender;

		if (!alf_source4(skb, &sender.address))
			return false;
		sender.prefixlen = 32;	/* after the address: alf/key.h */
		return bpf_map_lookup_elem(&allow4, &sender);
	}
	if (alf_is(skb, ETH_P_IPV6)) {
		struct subnet6 sender;

		if (!alf_source6(skb, &sender.address))
			return false;
		sender.prefixlen = 128;
		return bpf_map_lookup_elem(&allow6, &sender);
	}
	return false;
}

#endif
