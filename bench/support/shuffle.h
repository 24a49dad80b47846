/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SHUFFLE_H
#define BENCH_SHUFFLE_H

#include <stdlib.h>

/** Shuffles numbers, so that order and changes of the machine's load affect all variants equally. */
static inline void shuffle(int *order, int count)
{
	for (int i = count - 1; i > 0; i--) {
		int other = rand() % (i + 1), kept = order[i];

		order[i] = order[other];
		order[other] = kept;
	}
}

#endif
