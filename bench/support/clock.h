/* SPDX-License-Identifier: MIT */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

/*
 * Time in ns. CLOCK_THREAD_CPUTIME_ID is the time of a thread, without other processes of the machine;
 * CLOCK_MONOTONIC is the time that a user waits.
 */

#include <time.h>

static inline long long clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

#endif
