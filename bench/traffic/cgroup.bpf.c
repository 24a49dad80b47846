/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The programs that systemd attaches to a unit's control group for IPAddressAllow=… with IPAddressDeny=any: in both
 * directions a look-up of the peer in a trie. They equal systemd's, and are here so that a benchmark needs no systemd.
 */

#include <alf/packet.h>

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, ALF_UNBOUNDED);
	__type(key, struct subnet4);
	__type(value, __u64);
} allow4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, ALF_UNBOUNDED);
	__type(key, struct subnet6);
	__type(value, __u64);
} allow6 SEC(".maps");

/* In a program of a control group offset 0 is the network header. */
ALF_INLINE int is_allowed(struct __sk_buff *skb, __u32 at4, __u32 at6)
{
	if (alf_is(skb, ETH_P_IP)) {
		struct subnet4 peer = { .prefixlen = 32 };

		return !bpf_skb_load_bytes(skb, at4, &peer.address, sizeof(peer.address)) &&
		       bpf_map_lookup_elem(&allow4, &peer);
	}
	if (alf_is(skb, ETH_P_IPV6)) {
		struct subnet6 peer = { .prefixlen = 128 };

		return !bpf_skb_load_bytes(skb, at6, &peer.address, sizeof(peer.address)) &&
		       bpf_map_lookup_elem(&allow6, &peer);
	}
	return 1;
}

SEC("cgroup_skb/ingress")
int ingress(struct __sk_buff *skb)
{
	return is_allowed(skb, offsetof(struct iphdr, saddr), offsetof(struct ipv6hdr, saddr));
}

SEC("cgroup_skb/egress")
int egress(struct __sk_buff *skb)
{
	return is_allowed(skb, offsetof(struct iphdr, daddr), offsetof(struct ipv6hdr, daddr));
}

ALF_LICENSE;
