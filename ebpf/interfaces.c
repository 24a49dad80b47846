/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interfaces: allows packets that arrive on one of `interfaces`, from any sender. An empty map allows no packet. An
 * interface is identified by its index: a deleted and re-created interface is another one.
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
