/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ALF_KERNEL_H
#define ALF_KERNEL_H

/*
 * Numbers of the running kernel that a program needs: ids of functions and types, offsets of members.
 *
 * Each is compiled as a marked immediate, which the loader replaces (native/addon/bpf/kernel-numbers.c). libbpf does the same
 * for externs and CO-RE accesses, but takes 11 ms, because it parses all of the kernel's types first.
 * A program with unreplaced immediates calls a helper that does not exist, and is refused.
 */

/** The immediate for an enum alf_kernel_number: "ALF", then the number. */
#define ALF_KERNEL_MARK		0x414c4600
#define ALF_KERNEL(number)	(ALF_KERNEL_MARK | (number))

enum alf_kernel_number {
	/** Ids of functions: bpf_cast_to_kern_ctx and bpf_rdonly_cast, both since Linux 6.2. */
	ALF_CAST_TO_KERNEL,
	ALF_CAST_READ_ONLY,
	/** Ids of types: struct iphdr, struct ipv6hdr. */
	ALF_IPV4_HEADER,
	ALF_IPV6_HEADER,
	/** Offsets in struct sk_buff: `head` is a pointer, `tail` and `network_header` are offsets from it of 32 and 16 bits. */
	ALF_SKB_HEAD,
	ALF_SKB_TAIL,
	ALF_SKB_NETWORK_HEADER,
	ALF_KERNEL_NUMBERS,
};

#endif
