/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SHUFFLE_H
#define BENCH_SHUFFLE_H

#include <stdlib.h>

/** Puts numbers into random order: what runs behind what, and when a machine's mood changes, hits all alike. */
static inline void shuffle(int *order, int count)
{
	for (int i = count - 1; i > 0; i--) {
		int other = rand() % (i + 1), kept = order[i];

		order[i] = order[other];
		order[other] = kept;
	}
}

#endif
