/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Reads the packet and does nothing else: the fields that the policy reads of an IPv4 header, by a helper that
 * copies or, with IN_PLACE, in place. For the latter libbpf fills in numbers of the kernel.
 */

#include <alf/packet.h>
#include <alf/policy_packet.h>
#include <bpf/bpf_core_read.h>

#define NO_SOURCE		0xffffffffU

#ifdef IN_PLACE
struct sk_buff {
	unsigned char *head;
	__u32 tail;
	__u16 network_header;
} __attribute__((preserve_access_index));

extern void *bpf_cast_to_kern_ctx(void *) __ksym;
extern void *bpf_rdonly_cast(const void *, __u32) __ksym;
#endif

ALF_INLINE __u32 read_source(struct __sk_buff *skb)
{
	struct alf_ipv4_part part;
#ifdef IN_PLACE
	const struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);
	__u32 offset = kernel->network_header;
	const void *header;

	if (offset + ALF_IPV4_BYTES > kernel->tail)
		return NO_SOURCE;
	header = bpf_rdonly_cast(kernel->head + offset, bpf_core_type_id_kernel(struct iphdr));
	part.addresses.words[0] = *(const __be32 *)(header + 12);
	part.addresses.words[1] = *(const __be32 *)(header + 16);
	ALF_IN_MEMORY(&part);
	return part.addresses.words[0];
#else
	if (bpf_skb_load_bytes_relative(skb, 4, &part, sizeof(part), BPF_HDR_START_NET))
		return NO_SOURCE;
	return part.addresses.words[0];
#endif
}

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	return alf_is(skb, ETH_P_IP) && read_source(skb) != NO_SOURCE ? ALF_ALLOW : ALF_DENY;
}

ALF_LICENSE;
