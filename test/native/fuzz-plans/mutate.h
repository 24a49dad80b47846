/* Mutated encodings. */
#ifndef ALF_FUZZ_MUTATE_H
#define ALF_FUZZ_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Valid encodings, one after the other in memory. */
#define MAX_SEEDS 64
struct seeds {
	const uint8_t *data[MAX_SEEDS];
	size_t sizes[MAX_SEEDS];
	int count;
};

struct input {
	/* Allocated with exactly this size; the caller's to free. */
	uint8_t *data;
	size_t size;
	/* Size and checksum in the header have been made right again. */
	bool sealed;
};

/* Splits them by the sizes in their headers. */
struct seeds split_seeds(const uint8_t *data, size_t size);

void seed_random(uint64_t seed);
uint32_t random_below(uint32_t limit);

/* A seed with up to eight changes, or random bytes. */
struct input mutate(const struct seeds *seeds);

#endif
