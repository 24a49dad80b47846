/* SPDX-License-Identifier: MIT */
/*
 * Counts packets and bytes by source, and allows all packets:
 *
 *   alfwrapper examples/count-sources.c mydaemon
 *   bpftool map dump name packets
 */
#include <alf/packet.h>

struct count {
	__u64 packets;
	__u64 bytes;
};

/* By source; IPv4 as ::ffff:a.b.c.d. A full map evicts the least recently used source. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct address6);
	__type(value, struct count);
} packets SEC(".maps");

static bool find_source(struct __sk_buff *skb, struct address6 *source)
{
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return alf_source6(skb, source);
	source->bytes[10] = source->bytes[11] = 0xff;
	return alf_source4(skb, (struct address4 *)&source->bytes[12]);
}

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	/* skb->len counts from the TCP or UDP header. */
	struct count first = { .packets = 1, .bytes = skb->len };
	struct address6 source = {};
	struct count *count;

	if (!find_source(skb, &source))
		return ALF_ALLOW;
	count = bpf_map_lookup_elem(&packets, &source);
	if (!count && bpf_map_update_elem(&packets, &source, &first, BPF_NOEXIST) == 0)
		return ALF_ALLOW;
	/* Another CPU may have inserted it. */
	count = bpf_map_lookup_elem(&packets, &source);
	if (count) {
		__sync_fetch_and_add(&count->packets, 1);
		__sync_fetch_and_add(&count->bytes, skb->len);
	}
	return ALF_ALLOW;
}

ALF_LICENSE;
