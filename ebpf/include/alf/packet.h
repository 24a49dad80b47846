/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a packet in a socket filter.
 *
 * On a TCP or UDP socket offset 0 of the skb is the *transport* header; the network header is reached with
 * bpf_skb_load_bytes_relative(BPF_HDR_START_NET), since Linux 4.18. On a dual-stack [::] socket packets of IPv4 clients
 * have an IPv4 header, so the family is read from each packet, never from the socket.
 */
#ifndef ALF_PACKET_H
#define ALF_PACKET_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <stdbool.h>
#include <stddef.h>

#include <alf/filter.h>

#define ALF_INLINE static inline __attribute__((always_inline))

/* Loads `size` bytes at `offset` of the network header; false if the packet is too short. */
ALF_INLINE bool alf_load_net(struct __sk_buff *skb, __u32 offset, void *to, __u32 size)
{
	return bpf_skb_load_bytes_relative(skb, offset, to, size, BPF_HDR_START_NET) == 0;
}

/* Reads the source of an IPv4 packet. */
ALF_INLINE bool alf_source4(struct __sk_buff *skb, struct address4 *source)
{
	return alf_load_net(skb, offsetof(struct iphdr, saddr), source, sizeof(*source));
}

/* Reads the source of an IPv6 packet. */
ALF_INLINE bool alf_source6(struct __sk_buff *skb, struct address6 *source)
{
	return alf_load_net(skb, offsetof(struct ipv6hdr, saddr), source, sizeof(*source));
}

/* True for a packet of the given EtherType. IP packets have it on other links than Ethernet too. */
ALF_INLINE bool alf_is(struct __sk_buff *skb, __u16 ethertype)
{
	return skb->protocol == bpf_htons(ethertype);
}

#endif
