/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Measures a verdict: the policy of ebpf/policy.c, a kernel trie, a program that only reads the packet,
 * and one that does nothing. All except the last read the packet, then replace its source by a drawn one: a
 * repeated client would stay in the processor's caches.
 */

#include <alf/filter.h>
#include <alf/policy_match.h>
#include "spread.h"

/** The drawn source; `client` numbers below `members` are in the set, see member4 and member6. */
enum draw {
	DRAW_MISS,
	DRAW_HIT,
	DRAW_HOT_HIT,
	DRAW_HOT_MISS,
};

#define HOT_CLIENTS	64
#define STRANGER	0x80000000U

/* A separate map, `.data.run`, that the runner writes between runs: all programs read it at the same cost. */
struct {
	__u32 draw;
	__u32 members;
	__u32 random_state;
	__u32 unused;
	/** See alf_read_packet. */
	__u64 zero;
} run SEC(".data.run") = { .members = 1, .random_state = 0x12345679 };

struct trie4_key {
	__u32 length;
	__be32 address;
};

struct trie6_key {
	__u32 length;
	__be32 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1000000);
	__type(key, struct trie4_key);
	__type(value, __u32);
} trie4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1000000);
	__type(key, struct trie6_key);
	__type(value, __u32);
} trie6 SEC(".maps");

static __always_inline __u32 next_random(void)
{
	__u32 x = run.random_state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return run.random_state = x;
}

static __always_inline __u32 below(__u32 limit)
{
	return (__u64)next_random() * limit >> 32;
}

static __always_inline __u32 draw_client(void)
{
	switch (run.draw) {
	case DRAW_HIT:
		return below(run.members);
	case DRAW_HOT_HIT:
		return below(run.members < HOT_CLIENTS ? run.members : HOT_CLIENTS);
	case DRAW_HOT_MISS:
		return STRANGER + below(HOT_CLIENTS);
	default:
		return STRANGER | next_random();
	}
}

static __always_inline void draw_source(struct alf_packet *packet)
{
	__u32 client = draw_client();

	if (packet->ipv6) {
		packet->source.upper = alf_pair(spread6(client), spread(~client));
		packet->source.lower = 1 ^ run.zero;
		packet->source.v6 = 1 ^ run.zero;
	} else {
		packet->source.upper = (__u64)spread(client) << 32;
	}
}

ALF_FILTER
int nothing(struct __sk_buff *skb)
{
	(void)skb;
	return ALF_ALLOW;
}

ALF_FILTER
int only_reads(struct __sk_buff *skb)
{
	struct alf_packet packet;

	if (!alf_read_packet(skb, &packet, run.zero, ALF_COPIED))
		return ALF_DENY;
	draw_source(&packet);
	return packet.source.upper + packet.source.lower == 7 ? ALF_DENY : ALF_ALLOW;
}

ALF_FILTER
int policy(struct __sk_buff *skb)
{
	struct alf_packet packet;
	struct alf_image image;
	__u32 decision;

	if (!alf_open_image(&image) || !alf_read_packet(skb, &packet, image.head->header.zero, ALF_COPIED))
		return ALF_DENY;
	draw_source(&packet);
	decision = alf_decide(skb, &image, &packet);
	alf_count(&image, decision);
	return decision & ALF_FINAL_ALLOW ? ALF_ALLOW : ALF_DENY;
}

ALF_FILTER
int trie(struct __sk_buff *skb)
{
	struct alf_packet packet;
	void *found;

	if (!alf_read_packet(skb, &packet, run.zero, ALF_COPIED))
		return ALF_DENY;
	draw_source(&packet);
	if (packet.ipv6) {
		struct trie6_key key = { .length = 128 };

		key.address[0] = bpf_htonl(packet.source.upper >> 32);
		key.address[1] = bpf_htonl(packet.source.upper);
		key.address[2] = bpf_htonl(packet.source.lower >> 32);
		key.address[3] = bpf_htonl(packet.source.lower);
		found = bpf_map_lookup_elem(&trie6, &key);
	} else {
		struct trie4_key key = { .length = 32, .address = bpf_htonl(packet.source.upper >> 32) };

		found = bpf_map_lookup_elem(&trie4, &key);
	}
	return found ? ALF_DENY : ALF_ALLOW;
}

ALF_LICENSE;
