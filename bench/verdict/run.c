/* SPDX-License-Identifier: MIT */

/*
 * run OBJECT IMAGE FAMILY COUNT ROUNDS REPEAT: measures the programs of verdict.bpf.c for one set.
 *
 * Each round runs every program for every kind of client, in random order, by BPF_PROG_TEST_RUN, and takes the CPU time
 * of this thread, so that other load affects all equally. Prints one line of JSON: ns for
 * each packet in each round, and the cost of loading.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <fcntl.h>
#include "../../test/fixtures/policy-map.h"
#include "../support/clock.h"
#include "../support/pin.h"
#include "spread.h"

#define PROGRAMS	4
#define DRAWS		4

static const char *const programs[PROGRAMS] = { "nothing", "only_reads", "policy", "trie" };
static const char *const draws[DRAWS] = { "miss", "hit", "hot_hit", "hot_miss" };

static void fail(const char *what)
{
	fprintf(stderr, "verdict: unable to %s: %s\n", what, strerror(errno));
	exit(1);
}

static double ms_since(long long start)
{
	return (clock_ns(CLOCK_MONOTONIC) - start) / 1e6;
}

static uint32_t length4(uint32_t i)
{
	uint32_t share = spread(i ^ 0x5bd1e995) % 100;

	return share < 70 ? 32 : share < 94 ? 24 : share < 96 ? 23 : share < 98 ? 22 : share < 99 ? 21 : 20;
}

static uint32_t length6(uint32_t i)
{
	uint32_t share = spread(i ^ 0x5bd1e995) % 100;

	return share < 55 ? 64 : share < 70 ? 56 : share < 95 ? 48 : 32;
}

/* Puts prefix `i` into the trie; the kernel ignores the key's bits below its length. */
static void add_to_trie(int fd, int family, uint32_t i)
{
	uint32_t key[5] = { family == 4 ? length4(i) : length6(i) }, one = 1;

	key[1] = htonl(family == 4 ? spread(i) : spread6(i));
	key[2] = htonl(spread(~i));
	if (bpf_map_update_elem(fd, key, &one, 0))
		fail("fill the trie");
}

/* Kernel memory in use, in bytes, without free memory and page cache. */
static double kernel_bytes(void)
{
	static const char *const wanted[] = { "Slab:", "VmallocUsed:", "Percpu:" };
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	double sum = 0;

	while (file && fgets(line, sizeof(line), file))
		for (int i = 0; i < 3; i++)
			if (!strncmp(line, wanted[i], strlen(wanted[i])))
				sum += 1024 * strtod(line + strlen(wanted[i]), NULL);
	fclose(file);
	return sum;
}

/* The layout of the variable `run` of verdict.bpf.c. */
struct run {
	uint32_t draw;
	uint32_t members;
	uint32_t random_state;
	uint32_t unused;
	uint64_t zero;
};

static struct run *find_run(struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		const char *suffix = strrchr(bpf_map__name(map), '.');
		void *memory;

		if (!suffix || strcmp(suffix, ".run"))
			continue;
		memory = mmap(NULL, sizeof(struct run), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
		if (memory != MAP_FAILED)
			return memory;
	}
	fail("map the programs' variables");
	return NULL;
}

static double measure(int program, int family, uint32_t repeat)
{
	uint8_t frame[78] = { [12] = family == 4 ? 0x08 : 0x86, [13] = family == 4 ? 0x00 : 0xdd,
			      [14] = family == 4 ? 0x45 : 0x60, [20] = 17, [23] = 17 };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame), .repeat = repeat);
	long long start = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	if (bpf_prog_test_run_opts(program, &options))
		fail("run a program");
	return (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / repeat;
}

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

/* Measures the median and worst ms of activating the other bank. */
static double time_swaps(struct policy_maps *maps, double *worst)
{
	double times[11];

	for (int i = 0; i < 11; i++) {
		long long start = clock_ns(CLOCK_MONOTONIC);

		if (policy_swap(maps))
			fail("swap banks");
		times[i] = ms_since(start);
	}
	qsort(times, 11, sizeof(*times), compare);
	*worst = times[10];
	return times[5];
}

/* Measures the median ms of writing a page of the active image: a changed entry takes three or four. */
static double time_page(const struct policy_maps *maps, const unsigned char *bytes)
{
	double times[21];

	for (int i = 0; i < 21; i++) {
		long long start = clock_ns(CLOCK_MONOTONIC);

		if (bpf_map_update_elem(maps->heads, &maps->bank, bytes, 0))
			fail("write a page");
		times[i] = ms_since(start);
	}
	qsort(times, 21, sizeof(*times), compare);
	return times[10];
}

static void run_rounds(struct bpf_object *object, int family, uint32_t rounds, uint32_t repeat)
{
	struct run *run = find_run(object);
	double *times = calloc(rounds * PROGRAMS * DRAWS, sizeof(*times));
	int fds[PROGRAMS];

	for (int i = 0; i < PROGRAMS; i++)
		fds[i] = bpf_program__fd(bpf_object__find_program_by_name(object, programs[i]));
	if (!times)
		fail("allocate");
	for (uint32_t round = 0; round < rounds; round++) {
		int start = rand() % (PROGRAMS * DRAWS);

		for (int i = 0; i < PROGRAMS * DRAWS; i++) {
			/* 7 and 16 have no common divisor: another order each round, without a list. */
			int at = (start + 7 * i) % (PROGRAMS * DRAWS), program = at % PROGRAMS, kind = at / PROGRAMS;

			run->draw = kind;
			measure(fds[program], family, repeat / 10);
			times[at * rounds + round] = measure(fds[program], family, repeat);
		}
	}
	for (int i = 0; i < PROGRAMS * DRAWS; i++) {
		printf("\"%s %s\":[", programs[i % PROGRAMS], draws[i / PROGRAMS]);
		for (uint32_t round = 0; round < rounds; round++)
			printf("%s%.2f", round ? "," : "", times[i * rounds + round]);
		printf("],");
	}
	free(times);
}

int main(int argc, char **argv)
{
	int family, image_file, trie;
	double before, swap, worst;
	long long start;
	struct bpf_object *object;
	struct policy_maps maps;
	unsigned char *bytes;
	struct stat status;
	uint32_t count;

	if (argc != 7)
		fail("read the arguments");
	family = atoi(argv[3]);
	count = atoi(argv[4]);
	pin_to_processor();

	object = bpf_object__open_file(argv[1], NULL);
	if (!object || bpf_object__load(object))
		fail("load the programs");
	find_run(object)->members = count;
	if (policy_find_maps(object, &maps))
		fail("find the maps");
	trie = bpf_object__find_map_fd_by_name(object, family == 4 ? "trie4" : "trie6");

	image_file = open(argv[2], O_RDONLY);
	if (image_file < 0 || fstat(image_file, &status))
		fail("open the image");
	bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, image_file, 0);
	if (bytes == MAP_FAILED)
		fail("read the image");

	before = kernel_bytes();
	start = clock_ns(CLOCK_MONOTONIC);
	if (policy_fill(&maps, bytes, status.st_size / POLICY_PAGE_BYTES) || policy_swap(&maps))
		fail("put the policy in force");
	printf("{\"family\":%d,\"count\":%u,\"load_ms\":%.2f,", family, count, ms_since(start));
	printf("\"kernel_mib\":%.1f,", (kernel_bytes() - before) / 1048576);
	swap = time_swaps(&maps, &worst);
	printf("\"swap_ms\":%.3f,\"swap_worst_ms\":%.3f,", swap, worst);
	/* Activates the bank with the policy again. */
	if (!maps.bank && policy_swap(&maps))
		fail("swap banks");
	printf("\"page_ms\":%.3f,", time_page(&maps, bytes));

	before = kernel_bytes();
	start = clock_ns(CLOCK_MONOTONIC);
	for (uint32_t i = 0; i < count; i++)
		add_to_trie(trie, family, i);
	printf("\"trie_fill_ms\":%.1f,", ms_since(start));
	printf("\"trie_mib\":%.1f,", (kernel_bytes() - before) / 1048576);
	run_rounds(object, family, atoi(argv[5]), atoi(argv[6]));
	printf("\"end\":0}\n");
	return 0;
}
