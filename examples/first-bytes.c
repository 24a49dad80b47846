/* SPDX-License-Identifier: MIT */
/*
 * Allows data of a TCP connection only if its first bytes are those of the protocol. Other data is dropped before the daemon
 * reads a byte: scanners, other protocols, unexpected TLS.
 *
 *   alfwrapper --set 'first_bytes,0,"GET "' --set first_bytes,1,HEAD examples/first-bytes.c mywebserver
 */
#include <alf/packet.h>

/* The allowed first bytes; four zeros mark an unused entry. */
typedef char four_bytes[4];

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, four_bytes);
} first_bytes SEC(".maps");

/* Connections whose first bytes were allowed, by socket cookie. Listeners are not in it. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, __u8);
} welcome SEC(".maps");

static bool is_first(__u32 word)
{
	for (__u32 i = 0; i < 8; i++) {
		__u32 slot = i;
		__u32 *wanted = bpf_map_lookup_elem(&first_bytes, &slot);

		if (wanted && *wanted && *wanted == word)
			return true;
	}
	return false;
}

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	__u64 connection = bpf_get_socket_cookie(skb);
	__u8 header, yes = 1;
	__u32 word;

	/* The upper half of byte 12 of the TCP header is its length in words. */
	if (bpf_skb_load_bytes(skb, 12, &header, sizeof(header)) < 0)
		return ALF_DENY;
	__u32 size = (header >> 4) * 4;
	/* Handshakes and acknowledgements have no data. */
	if (skb->len <= size || bpf_map_lookup_elem(&welcome, &connection))
		return ALF_ALLOW;
	if (bpf_skb_load_bytes(skb, size, &word, sizeof(word)) < 0 || !is_first(word))
		return ALF_DENY;
	bpf_map_update_elem(&welcome, &connection, &yes, BPF_ANY);
	return ALF_ALLOW;
}

ALF_LICENSE;
