/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ALF_KEY_H
#define ALF_KEY_H

/*
 * Keys and values of 32 bits on the stack.
 *
 * With CAP_BPF alone, Linux before 6.13 refuses to write a part of a stack slot (8 bytes) that holds a number which it
 * tracks: "attempt to corrupt spilled pointer on stack". So filters that load there follow two rules:
 *
 * - A key of 32 bits fills a slot (alf_key).
 * - Memory that a helper writes to the stack is written before its neighbours in the same slot.
 */

#include <linux/types.h>

/** Returns a number whose first 32 bits in memory are `key`. `key` has 32 bits. */
static inline __attribute__((always_inline)) __u64 alf_key(__u64 key)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return key << 32;
#else
	return key;
#endif
}

#endif
