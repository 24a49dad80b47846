/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ALF_POLICY_PACKET_H
#define ALF_POLICY_PACKET_H

/*
 * Reads the fields of a packet. On a TCP or UDP socket offset 0 is the transport header; the network header is read
 * relative to BPF_HDR_START_NET. (BPF_PROG_TEST_RUN differs: its offset 0 is the network header.)
 */

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <alf/kernel.h>

/*
 * A function that is verified once, for any arguments. It is weak: otherwise clang passes only the parts of an argument that
 * the function uses, and the verifier finds the rest uninitialized.
 */
#define ALF_FUNCTION		__weak __noinline

/* Packs two numbers of 32 bits into one, since a function has at most five arguments. */
static __always_inline __u64 alf_pair(__u32 upper, __u32 lower)
{
	return (__u64)upper << 32 | lower;
}

/* The numbers of the IPv6 extension headers, and how many of them are read. */
#define ALF_IPV6_HOP_BY_HOP	0
#define ALF_IPV6_ROUTING	43
#define ALF_IPV6_FRAGMENT	44
#define ALF_IPV6_AUTHENTICATION	51
#define ALF_IPV6_DESTINATION	60
#define ALF_IPV6_HEADERS	8

/**
 * struct alf_address - host order, most significant bits first
 * @upper, @lower: an IPv4 address is the upper half of @upper
 * @v6: 0 for an IPv4 address, else 1
 */
struct alf_address {
	__u64 upper;
	__u64 lower;
	__u64 v6;
};

/**
 * struct alf_packet - the fields read from every packet
 * @header: IPv4: the protocol. IPv6: the header after the fixed one, which may be an extension header
 * @ipv6: 0 for IPv4, else 1
 *
 * All members have 64 bits. With CAP_BPF alone, Linux before 6.13 refuses two stores of 32 bits to one stack slot
 * ("attempt to corrupt spilled pointer").
 */
struct alf_packet {
	struct alf_address source;
	struct alf_address destination;
	__u64 header;
	__u64 ipv6;
};

/* The parts of both headers that are read. Addresses are aligned to 8 bytes: one load for each family. */
struct alf_ipv4_part {
	__be16 id;
	__be16 fragment;
	__u8 ttl;
	__u8 protocol;
	__be16 check;
	union {
		__be32 words[2];
		__be64 both;
	} addresses;
};

union alf_ipv6_address {
	__be32 words[4];
	__be64 halves[2];
};

struct alf_ipv6_header {
	__be32 flow;
	__be16 payload_length;
	__u8 next_header;
	__u8 hop_limit;
	union alf_ipv6_address source;
	union alf_ipv6_address destination;
};

_Static_assert(sizeof(struct alf_ipv4_part) == 16, "bytes 4 to 19 of RFC 791's header");
_Static_assert(sizeof(struct alf_ipv6_header) == 40, "RFC 8200's header");

#define ALF_IPV4_BYTES		20
#define ALF_IPV6_BYTES		40

/** How a program reads the network header. */
enum alf_reading {
	/** By a helper, which checks and copies. Needs no further privilege. */
	ALF_COPIED,
	/** From kernel memory, without a call. Since Linux 6.2, with CAP_PERFMON; see alf/kernel.h. */
	ALF_IN_PLACE,
};

static void *(*const alf_cast_to_kernel)(void *) = (void *)ALF_KERNEL(ALF_CAST_TO_KERNEL);
static const void *(*const alf_cast_read_only)(const void *, __u32) = (void *)ALF_KERNEL(ALF_CAST_READ_ONLY);

/* The address at an offset that the loader fills in. asm keeps the compiler from computing with the placeholder. */
#define ALF_AT(pointer, number)                                                                       \
	({                                                                                            \
		const void *at = (pointer);                                                           \
		asm("%0 += %1" : "+r"(at) : "i"(ALF_KERNEL(number)));                                 \
		at;                                                                                   \
	})

/*
 * Finds the network header in kernel memory. The kernel parses it before any socket gets the packet, so its first `size`
 * bytes are always in the linear part; they are checked anyway. A read through the pointer may return any value but cannot
 * fault: the verifier makes loads of this kind safe for any pointer.
 *
 * @type: id of its type
 *
 * Return: false for a packet without it
 */
static __always_inline bool alf_find_header(struct __sk_buff *skb, __u32 size, __u32 type, const void **header)
{
	const void *kernel = alf_cast_to_kernel(skb);
	__u32 offset = *(const __u16 *)ALF_AT(kernel, ALF_SKB_NETWORK_HEADER);

	if (offset + size > *(const __u32 *)ALF_AT(kernel, ALF_SKB_TAIL))
		return false;
	*header = alf_cast_read_only(*(const char *const *)ALF_AT(kernel, ALF_SKB_HEAD) + offset, type);
	return true;
}

/*
 * Keeps the values read in memory, as if a helper had copied them. For values in registers the verifier would follow each
 * family through the whole program. Also, clang 15 and later save registers that the other family has not set, which no
 * verifier accepts.
 */
#define ALF_IN_MEMORY(read)	asm volatile("" : "+m"(*(read)))

static __always_inline bool alf_load_ipv4(struct __sk_buff *skb, struct alf_ipv4_part *part, enum alf_reading reading)
{
	const void *header;

	if (reading == ALF_COPIED)
		return bpf_skb_load_bytes_relative(skb, 4, part, sizeof(*part), BPF_HDR_START_NET) == 0;
	if (!alf_find_header(skb, ALF_IPV4_BYTES, ALF_KERNEL(ALF_IPV4_HEADER), &header))
		return false;
	part->protocol = *(const __u8 *)(header + 9);
	part->addresses.words[0] = *(const __be32 *)(header + 12);
	part->addresses.words[1] = *(const __be32 *)(header + 16);
	ALF_IN_MEMORY(part);
	return true;
}

static __always_inline bool alf_load_ipv6(struct __sk_buff *skb, struct alf_ipv6_header *read, enum alf_reading reading)
{
	const void *header;

	if (reading == ALF_COPIED)
		return bpf_skb_load_bytes_relative(skb, 0, read, sizeof(*read), BPF_HDR_START_NET) == 0;
	if (!alf_find_header(skb, ALF_IPV6_BYTES, ALF_KERNEL(ALF_IPV6_HEADER), &header))
		return false;
	read->next_header = *(const __u8 *)(header + 6);
	for (int i = 0; i < 4; i++) {
		read->source.words[i] = *(const __be32 *)(header + 8 + 4 * i);
		read->destination.words[i] = *(const __be32 *)(header + 24 + 4 * i);
	}
	ALF_IN_MEMORY(read);
	return true;
}

/*
 * The functions below store only values that are unknown to the verifier; `zero` is 0, but unknown to it. Packets of all
 * kinds then have the same state, and the verifier follows the rest of the program once instead of once for each kind.
 */
static __always_inline bool alf_read_ipv4(struct __sk_buff *skb, struct alf_packet *packet, __u64 zero,
					  enum alf_reading reading)
{
	struct alf_ipv4_part part;
	__u64 addresses;

	if (!alf_load_ipv4(skb, &part, reading))
		return false;
	addresses = bpf_be64_to_cpu(part.addresses.both);
	packet->source.upper = addresses >> 32 << 32 ^ zero;
	packet->destination.upper = addresses << 32 ^ zero;
	packet->header = part.protocol ^ zero;
	return true;
}

/* An IPv4-mapped address (RFC 4291, 2.5.5.2) is read as the IPv4 address, so one rule matches both. */
static __always_inline void alf_address6(struct alf_address *address, const union alf_ipv6_address *bytes, __u64 zero)
{
	__u64 upper = bpf_be64_to_cpu(bytes->halves[0]), lower = bpf_be64_to_cpu(bytes->halves[1]), v6 = 1;
	__u64 third = lower >> 32;

	barrier_var(third);
	if (upper == 0 && third == 0xffff) {
		upper = lower << 32;
		lower = 0;
		v6 = 0;
	}
	address->upper = upper ^ zero;
	address->lower = lower ^ zero;
	address->v6 = v6 ^ zero;
}

static __always_inline bool alf_read_ipv6(struct __sk_buff *skb, struct alf_packet *packet, __u64 zero,
					  enum alf_reading reading)
{
	struct alf_ipv6_header read;

	if (!alf_load_ipv6(skb, &read, reading))
		return false;
	alf_address6(&packet->source, &read.source, zero);
	alf_address6(&packet->destination, &read.destination, zero);
	packet->header = read.next_header ^ zero;
	packet->ipv6 = 1 ^ zero;
	return true;
}

/**
 * alf_read_packet - reads addresses and protocol
 * @zero: 0, unknown to the verifier
 *
 * All members are written first, because IPv4 leaves some unset. With CAP_BPF alone the verifier also follows the
 * speculative path on which an unreadable packet was read, and refuses to read uninitialized members.
 *
 * Return: false for a packet that is neither IPv4 nor IPv6, or is truncated
 */
static __always_inline bool alf_read_packet(struct __sk_buff *skb, struct alf_packet *packet, __u64 zero,
					    enum alf_reading reading)
{
	*packet = (struct alf_packet){ { zero, zero, zero }, { zero, zero, zero }, zero, zero };
	ALF_IN_MEMORY(packet);
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return alf_read_ipv4(skb, packet, zero, reading);
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return alf_read_ipv6(skb, packet, zero, reading);
	return false;
}

#define ALF_IPV6_EXTENSIONS                                                                           \
	(1ULL << ALF_IPV6_HOP_BY_HOP | 1ULL << ALF_IPV6_ROUTING | 1ULL << ALF_IPV6_FRAGMENT |         \
	 1ULL << ALF_IPV6_AUTHENTICATION | 1ULL << ALF_IPV6_DESTINATION)

static __always_inline bool alf_is_extension(__u8 header)
{
	return header < 64 && ALF_IPV6_EXTENSIONS >> header & 1;
}

/*
 * Returns the bytes of an extension header. Its length field excludes the first unit of 8 bytes. For authentication it
 * counts units of 4 and excludes two. A fragment header has no length field; its second byte may have any value.
 */
static __always_inline __u32 alf_extension_bytes(__u8 header, __u32 length)
{
	if (header == ALF_IPV6_FRAGMENT)
		return 8;
	return header == ALF_IPV6_AUTHENTICATION ? (length + 2) << 2 : (length + 1) << 3;
}

/** In place of an IPv6 header (its number, and its offset in the upper half): it cannot be read. */
#define ALF_CUT_SHORT		~0ULL

/**
 * alf_next_header - skips one extension header
 * @at: the header: its number, and its offset in the upper half
 *
 * Return: the next header; @at if it is not an extension header, also for ALF_CUT_SHORT; ALF_CUT_SHORT if unreadable
 */
ALF_FUNCTION __u64 alf_next_header(struct __sk_buff *skb, __u64 at)
{
	__u8 header = at, start[2];	/* next header, length */

	if (!alf_is_extension(header))
		return at;
	if (bpf_skb_load_bytes_relative(skb, at >> 32, start, sizeof(start), BPF_HDR_START_NET))
		return ALF_CUT_SHORT;
	return alf_pair((at >> 32) + alf_extension_bytes(header, start[1]), start[0]);
}

/*
 * Finds the IP protocol number of the transport header, after any IPv6 extension headers.
 *
 * Return: the number; negative if the headers are truncated or more than ALF_IPV6_HEADERS
 */
static __always_inline int alf_read_protocol(struct __sk_buff *skb, __u32 ipv6, __u8 header)
{
	__u64 at = alf_pair(ALF_IPV6_BYTES, header);

	if (!ipv6)
		return header;
#pragma unroll
	for (int i = 0; i < ALF_IPV6_HEADERS; i++)
		at = alf_next_header(skb, at);
	return at == ALF_CUT_SHORT || alf_is_extension(at) ? -1 : (__u8)at;
}

static __always_inline bool alf_has_ports(int protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE ||
	       protocol == IPPROTO_SCTP || protocol == IPPROTO_DCCP;
}

/**
 * alf_read_transport - the protocol in the upper half, source port and destination port in the lower, host order
 * @ipv6: 1 for an IPv6 packet, else 0
 * @next_header: of the network header
 * @with_ports: with 0 the ports are 0, as for a protocol without ports
 *
 * Return: ALF_CUT_SHORT for a packet whose headers are truncated or too many
 */
ALF_FUNCTION __u64 alf_read_transport(struct __sk_buff *skb, __u64 ipv6, __u64 next_header, __u64 with_ports)
{
	int protocol = alf_read_protocol(skb, ipv6, next_header);
	__be32 ports = 0;

	if (protocol < 0)
		return ALF_CUT_SHORT;
	if (with_ports && alf_has_ports(protocol) && bpf_skb_load_bytes(skb, 0, &ports, sizeof(ports)))
		return ALF_CUT_SHORT;
	return (__u64)protocol << 32 | bpf_ntohl(ports);
}

#endif
