/* SPDX-License-Identifier: MIT */

/*
 * load ROUNDS OBJECT…: loads each object ROUNDS times, in turn.
 *
 * Prints a line for each load: index of the object, ns of wall time, the instructions of its programs and those that the
 * verifier went through. What it takes to free an object is not counted.
 */

#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../support/clock.h"

static void fail(const char *path)
{
	fprintf(stderr, "load: unable to load %s: %s\n", path, strerror(errno));
	exit(1);
}

static void load(int index, const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	unsigned int instructions = 0, verified = 0;
	struct bpf_program *program;
	long long started = clock_ns(CLOCK_MONOTONIC);

	if (!object || bpf_object__load(object))
		fail(path);
	started = clock_ns(CLOCK_MONOTONIC) - started;
	bpf_object__for_each_program(program, object) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);

		if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size))
			fail(path);
		instructions += bpf_program__insn_cnt(program);
		verified += info.verified_insns;
	}
	printf("%d %lld %u %u\n", index, started, instructions, verified);
	bpf_object__close(object);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 0;

	for (int round = 0; round < rounds; round++)
		for (int index = 2; index < argc; index++)
			load(index - 2, argv[index]);
	return 0;
}
