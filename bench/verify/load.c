/* SPDX-License-Identifier: MIT */

/*
 * load ROUNDS [OBJECT PROGRAM]…: loads each program, and no other of its object, ROUNDS times, in turn.
 *
 * Prints a line for each load: index of the program, ns of wall time, its instructions, and the verifier's
 * steps. Freeing an object is not counted.
 */

#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../test/fixtures/one-program.h"
#include "../support/clock.h"

static void fail(const char *path)
{
	fprintf(stderr, "load: unable to load %s: %s\n", path, strerror(errno));
	exit(1);
}

static void load(int index, const char *path, const char *name)
{
	long long started = clock_ns(CLOCK_MONOTONIC);
	struct bpf_object *object = load_one_program(path, name);
	struct bpf_prog_info info = {};
	struct bpf_program *program;
	__u32 size = sizeof(info);

	if (!object)
		fail(path);
	started = clock_ns(CLOCK_MONOTONIC) - started;
	program = bpf_object__find_program_by_name(object, name);
	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
		fail(path);
	printf("%d %lld %zu %u\n", index, started, bpf_program__insn_cnt(program), info.verified_insns);
	bpf_object__close(object);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 0;

	for (int round = 0; round < rounds; round++)
		for (int index = 2; index + 1 < argc; index += 2)
			load(index / 2 - 1, argv[index], argv[index + 1]);
	return 0;
}
