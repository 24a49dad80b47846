/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The base of every filter: the section of its entry function `filter`, and the two verdicts.
 */
#ifndef ALF_FILTER_H
#define ALF_FILTER_H

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include <alf/types.h>

#define ALF_FILTER SEC("socket")
#define ALF_LICENSE char LICENSE[] SEC("license") = "GPL"

/*
 * A socket filter returns the number of bytes to keep. A smaller value than ALF_ALLOW would truncate UDP datagrams.
 */
enum alf_verdict {
	ALF_DENY = 0,
	ALF_ALLOW = 0xffffffff,
};

/*
 * max_entries of a map that grows entry by entry (BPF_F_NO_PREALLOC): more than fit into memory. Linux 5.10 refuses
 * tries whose entries would need 4 GiB in total.
 */
#define ALF_UNBOUNDED (1 << 25)

#endif
