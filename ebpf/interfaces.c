/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interfaces: only packets that came in through one of `interfaces` get through, whoever sent them. An empty map
 * allows nobody. An interface is known by its index: one that is deleted and made again is another one.
 *
 *   --set interfaces,0,lo
 */
#include <alf/packet.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, struct interface);
	__type(value, struct index);
} interfaces SEC(".maps");

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	struct interface arrival = { .ifindex = skb->ingress_ifindex };

	return bpf_map_lookup_elem(&interfaces, &arrival) ? ALF_ALLOW : ALF_DENY;
}

ALF_LICENSE;
