/* SPDX-License-Identifier: MIT */
/*
 * Lets a TCP connection speak only if it begins with what clients of the protocol begin with. Everything else is dropped
 * before the daemon reads a byte of it: scanners, other protocols, TLS where there is none.
 *
 *   alfwrapper --set 'first_bytes,0,"GET "' --set first_bytes,1,HEAD examples/first-bytes.c mywebserver
 */
#include <alf/packet.h>

/* What may come first; four zeros are no entry. */
typedef char four_bytes[4];

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, four_bytes);
} first_bytes SEC(".maps");

/* Connections that have begun well, by the cookie of their socket. A listener's has none of these. */
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

	/* Byte 12 of the header of TCP has its length, in words, in the upper half. */
	if (bpf_skb_load_bytes(skb, 12, &header, sizeof(header)) < 0)
		return ALF_DENY;
	__u32 size = (header >> 4) * 4;
	/* Handshakes and acknowledgements carry nothing. */
	if (skb->len <= size || bpf_map_lookup_elem(&welcome, &connection))
		return ALF_ALLOW;
	if (bpf_skb_load_bytes(skb, size, &word, sizeof(word)) < 0 || !is_first(word))
		return ALF_DENY;
	bpf_map_update_elem(&welcome, &connection, &yes, BPF_ANY);
	return ALF_ALLOW;
}

ALF_LICENSE;
