/*
 * Decodes mutated plans and targets for a while: each is refused, or all that execution relies on holds.
 *
 *   fuzz-plans SEED SECONDS <ENCODINGS      valid plans and targets, one after the other
 *
 * Prints counts as JSON. The same seed gives the same inputs, as many as there is time for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../../native/runtime/reader.h"
#include "../shared/input.h"
#include "invariants.h"
#include "mutate.h"

#define BATCH 1000

struct counts {
	unsigned long inputs;
	unsigned long plans_refused, plans_decoded;
	unsigned long targets_refused, targets_decoded;
	/* Whose header was not made right again. */
	unsigned long unsealed_decoded;
};

static struct counts counts;

static _Noreturn void fail(const struct input *input, const char *invariant)
{
	fprintf(stderr, "input %lu: not so: %s\n", counts.inputs, invariant);
	for (size_t i = 0; i < input->size; i++)
		fprintf(stderr, "%02x", input->data[i]);
	fputc('\n', stderr);
	abort();
}

static bool is_seed(const struct seeds *seeds, const struct input *input)
{
	for (int i = 0; i < seeds->count; i++)
		if (seeds->sizes[i] == input->size && memcmp(seeds->data[i], input->data, input->size) == 0)
			return true;
	return false;
}

static bool try_plan(const struct input *input)
{
	struct alf_plan plan;
	const char *broken;

	if (alf_decode_plan(&plan, input->data, input->size) < 0) {
		counts.plans_refused++;
		return false;
	}
	broken = check_plan(&plan, input->size);
	if (broken != NULL)
		fail(input, broken);
	counts.plans_decoded++;
	alf_release_plan(&plan);
	return true;
}

static bool try_target(const struct input *input)
{
	struct alf_target target;
	const char *broken;

	if (alf_decode_target(&target, input->data, input->size) < 0) {
		counts.targets_refused++;
		return false;
	}
	broken = check_target(&target, input->size);
	if (broken != NULL)
		fail(input, broken);
	counts.targets_decoded++;
	alf_release_target(&target);
	return true;
}

static void try_one(const struct seeds *seeds)
{
	struct input input = mutate(seeds);
	bool decoded;

	counts.inputs++;
	decoded = try_plan(&input);
	/* What is a plan is no target. */
	if (try_target(&input)) {
		if (decoded)
			fail(&input, "a plan or a target");
		decoded = true;
	}
	if (decoded && !input.sealed) {
		if (!is_seed(seeds, &input))
			fail(&input, "the checksum is checked");
		counts.unsealed_decoded++;
	}
	free(input.data);
}

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

int main(int argc, char **argv)
{
	struct alf_input input = alf_read_input();
	struct seeds seeds = split_seeds(input.memory, input.plan.size + (size_t)input.target.size);
	struct timespec start;

	if (argc != 3 || seeds.count == 0)
		return EXIT_FAILURE;
	seed_random(strtoull(argv[1], NULL, 10));
	clock_gettime(CLOCK_MONOTONIC, &start);
	do
		for (int i = 0; i < BATCH; i++)
			try_one(&seeds);
	while (seconds_since(&start) < atof(argv[2]));
	printf("{\"inputs\":%lu,\"plansRefused\":%lu,\"plansDecoded\":%lu,\"targetsRefused\":%lu,\"targetsDecoded\":%lu,"
	       "\"unchanged\":%lu}\n",
	       counts.inputs, counts.plans_refused, counts.plans_decoded, counts.targets_refused, counts.targets_decoded,
	       counts.unsealed_decoded);
	free(input.memory);
	return EXIT_SUCCESS;
}
