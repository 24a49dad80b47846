/* SPDX-License-Identifier: MIT */
#ifndef BENCH_PIN_H
#define BENCH_PIN_H

/* Needs _GNU_SOURCE before the first header. */
#include <sched.h>

/** Pins the thread to its current processor, with its caches and branch predictors. */
static inline void pin_to_processor(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

#endif
