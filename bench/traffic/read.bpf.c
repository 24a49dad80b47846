/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What it costs to read the packet, and to do nothing with it: what the policy reads of an IPv4 header, or, with
 * SOURCE_ALONE, the source by the instruction that classic BPF has for it.
 */

#include <alf/packet.h>
#include <alf/policy_packet.h>

#define NETWORK_HEADER	(-0x100000)	/* SKF_NET_OFF */
#define NOBODY		0xffffffffU

unsigned long long load_word(void *skb, unsigned long long offset) asm("llvm.bpf.load.word");

ALF_INLINE __u32 read_source(struct __sk_buff *skb)
{
#ifdef SOURCE_ALONE
	return load_word(skb, NETWORK_HEADER + 12);
#else
	struct alf_ipv4_tail tail;

	return bpf_skb_load_bytes_relative(skb, 8, &tail, sizeof(tail), BPF_HDR_START_NET) ? NOBODY : tail.source;
#endif
}

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	return alf_is(skb, ETH_P_IP) && read_source(skb) != NOBODY ? ALF_ALLOW : ALF_DENY;
}

ALF_LICENSE;
