/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SPREAD_H
#define BENCH_SPREAD_H

/* Number → client, the same in the kernel's program and in the runner's trie (and in support/block-list.ts). */

#include <linux/types.h>

/** A bijection of 32-bit numbers. */
static inline __attribute__((always_inline)) __u32 spread(__u32 x)
{
	x = (x ^ x >> 16) * 0x85ebca6b;
	x = (x ^ x >> 13) * 0xc2b2ae35;
	return x ^ x >> 16;
}

/** The first 32 bits of an IPv6 client: global unicast. */
static inline __attribute__((always_inline)) __u32 spread6(__u32 x)
{
	return spread(x) >> 3 | 0x20000000;
}

#endif
