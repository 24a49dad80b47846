/* Changes encodings at random: see mutate.h. */
#include "mutate.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 16
#define SIZE_AT 8
#define CHECKSUM_AT 12
#define MAX_CHANGES 8
#define MAX_RANDOM_BYTES 256
#define MAX_SPLICE_BYTES 128

static uint64_t state;

void seed_random(uint64_t seed) { state = seed; }

/* SplitMix64. */
static uint64_t random_word(void)
{
	uint64_t word = state += 0x9e3779b97f4a7c15u;

	word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9u;
	word = (word ^ word >> 27) * 0x94d049bb133111ebu;
	return word ^ word >> 31;
}

uint32_t random_below(uint32_t limit) { return limit == 0 ? 0 : (uint32_t)(random_word() >> 32) % limit; }

static uint32_t read_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void write_u32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

struct seeds split_seeds(const uint8_t *data, size_t size)
{
	struct seeds seeds = { .count = 0 };

	while (size >= HEADER_BYTES && seeds.count < MAX_SEEDS) {
		uint32_t own = read_u32(data + SIZE_AT);

		if (own < HEADER_BYTES || own > size)
			abort();
		seeds.data[seeds.count] = data;
		seeds.sizes[seeds.count++] = own;
		data += own;
		size -= own;
	}
	return seeds;
}

/* The sum of native/runtime/reader.c, written again, because it is not part of the interface. */
static uint32_t checksum(const uint8_t *data, size_t size)
{
	uint32_t hash = 0x811c9dc5u;

	for (size_t i = 0; i + 4 <= size; i += 4) {
		uint32_t word = 0;

		for (size_t j = 4; j-- > 0;)
			word = word << 8 | data[i + j];
		hash = (hash ^ word) * 0x01000193u;
		hash ^= hash >> 15;
	}
	return hash;
}

static void seal(struct input *input)
{
	if (input->size < HEADER_BYTES)
		return;
	write_u32(input->data + SIZE_AT, (uint32_t)input->size);
	write_u32(input->data + CHECKSUM_AT, checksum(input->data + HEADER_BYTES, input->size - HEADER_BYTES));
	input->sealed = true;
}

static void resize(struct input *input, size_t size)
{
	/* Not realloc: a copy of exactly this size, so that reading past its end is seen. */
	uint8_t *copy = malloc(size == 0 ? 1 : size);

	if (copy == NULL)
		abort();
	if (input->size > 0)
		memcpy(copy, input->data, size < input->size ? size : input->size);
	if (size > input->size)
		memset(copy + input->size, 0, size - input->size);
	free(input->data);
	input->data = copy;
	input->size = size;
}

static void flip_bit(struct input *input)
{
	if (input->size > 0)
		input->data[random_below((uint32_t)input->size)] ^= (uint8_t)(1u << random_below(8));
}

static void set_byte(struct input *input)
{
	if (input->size > 0)
		input->data[random_below((uint32_t)input->size)] = (uint8_t)random_word();
}

/* Counts, sizes and tags are words at multiples of four. */
static void set_word(struct input *input)
{
	static const uint32_t values[] = { 0, 1, 2, 3, 4, 5, 7, 8, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff };
	uint32_t words = (uint32_t)input->size / 4, at = 4 * random_below(words);

	if (words == 0)
		return;
	if (random_below(3) == 0)
		write_u32(input->data + at, read_u32(input->data + at) + random_below(17) - 8);
	else
		write_u32(input->data + at, values[random_below(sizeof(values) / sizeof(values[0]))]);
}

static void truncate_end(struct input *input) { resize(input, random_below((uint32_t)input->size + 1)); }

static void extend(struct input *input) { resize(input, input->size + 1 + random_below(64)); }

/* Copies a piece of a seed over a piece of the input. */
static void splice(struct input *input, const struct seeds *seeds)
{
	int seed = (int)random_below((uint32_t)seeds->count);
	size_t from = 4 * random_below((uint32_t)seeds->sizes[seed] / 4), to = 4 * random_below((uint32_t)input->size / 4);
	size_t size = 4 * (1 + random_below(MAX_SPLICE_BYTES / 4));

	if (from + size > seeds->sizes[seed])
		size = seeds->sizes[seed] - from;
	if (to + size > input->size)
		size = input->size - to;
	memcpy(input->data + to, seeds->data[seed] + from, size);
}

static void change(struct input *input, const struct seeds *seeds)
{
	switch (random_below(8)) {
	case 0:
		truncate_end(input);
		break;
	case 1:
		extend(input);
		break;
	case 2:
		splice(input, seeds);
		break;
	case 3:
		set_byte(input);
		break;
	case 4:
		flip_bit(input);
		break;
	default:
		set_word(input);
	}
}

/* Random bytes after a header that is right, for else nothing is read. */
static void randomize(struct input *input, const struct seeds *seeds)
{
	int seed = (int)random_below((uint32_t)seeds->count);

	resize(input, HEADER_BYTES + random_below(MAX_RANDOM_BYTES));
	memcpy(input->data, seeds->data[seed], HEADER_BYTES);
	for (size_t i = HEADER_BYTES; i < input->size; i++)
		input->data[i] = random_below(2) ? 0 : (uint8_t)random_word();
}

struct input mutate(const struct seeds *seeds)
{
	int seed = (int)random_below((uint32_t)seeds->count);
	struct input input = { .data = NULL, .size = 0 };

	resize(&input, seeds->sizes[seed]);
	memcpy(input.data, seeds->data[seed], input.size);
	if (random_below(16) == 0)
		randomize(&input, seeds);
	else
		for (uint32_t i = 1 + random_below(MAX_CHANGES); i > 0; i--)
			change(&input, seeds);
	if (random_below(2) == 0)
		seal(&input);
	return input;
}
