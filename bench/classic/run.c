/* SPDX-License-Identifier: MIT */

/*
 * run FILE ROUNDS REPEAT: what classic programs cost on the datagrams between two sockets.
 *
 * FILE, host order: u32 programs, draws, senders; the floor and each program as u32 length and instructions; then for
 * each program and draw the sources, in network order, that are sent in turn. All programs drop all packets.
 *
 * The sockets are of AF_UNIX, where nothing is in front of a packet's data: it begins where the network header would.
 *
 * Each round measures each program for each draw, right behind the floor for the same packets. Prints a line for each:
 * program, draw, ns of CPU time for each packet, ns for the floor.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../support/clock.h"
#include "../support/pin.h"

struct program {
	int sockets[2];
};

static void fail(const char *what)
{
	fprintf(stderr, "classic: unable to %s: %s\n", what, strerror(errno));
	exit(1);
}

static void read_words(FILE *file, void *to, size_t count)
{
	if (fread(to, 4, count, file) != count)
		fail("read the jobs");
}

static void attach(FILE *file, struct program *program)
{
	struct sock_filter instructions[BPF_MAXINSNS];
	struct sock_fprog filter = { .filter = instructions };
	uint32_t length;

	read_words(file, &length, 1);
	if (length > BPF_MAXINSNS)
		fail("fit a program");
	read_words(file, instructions, 2 * (size_t)length);
	filter.len = length;
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, program->sockets) ||
	    setsockopt(program->sockets[1], SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)))
		fail("attach a program");
}

static double measure(const struct program *program, const uint32_t *sources, uint32_t senders, uint32_t repeat)
{
	long long start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	uint32_t header[4] = {};	/* an IPv4 header up to the source */

	/* Its sender never learns that a datagram was dropped. */
	for (uint32_t i = 0; i < repeat; i++) {
		header[3] = sources[i % senders];
		send(program->sockets[0], header, sizeof(header), MSG_DONTWAIT);
	}
	return (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / repeat;
}

int main(int argc, char **argv)
{
	uint32_t sizes[3], rounds, repeat;	/* programs, draws, senders */
	struct program floor, *programs;
	uint32_t *sources;
	FILE *file;

	if (argc != 4 || !(file = fopen(argv[1], "rb")))
		fail("open the jobs");
	rounds = atoi(argv[2]);
	repeat = atoi(argv[3]);
	pin_to_processor();
	read_words(file, sizes, 3);
	programs = calloc(sizes[0], sizeof(*programs));
	sources = calloc((size_t)sizes[0] * sizes[1] * sizes[2], sizeof(*sources));
	if (!programs || !sources)
		fail("allocate");
	attach(file, &floor);
	for (uint32_t i = 0; i < sizes[0]; i++)
		attach(file, &programs[i]);
	read_words(file, sources, (size_t)sizes[0] * sizes[1] * sizes[2]);
	for (uint32_t round = 0; round < rounds; round++) {
		for (uint32_t i = 0; i < sizes[0] * sizes[1]; i++) {
			/* Another place to start at each round. */
			uint32_t at = (i + 7 * round) % (sizes[0] * sizes[1]);
			const uint32_t *from = sources + (size_t)at * sizes[2];
			double below = measure(&floor, from, sizes[2], repeat);

			printf("%u %u %.2f %.2f\n", at / sizes[1], at % sizes[1],
			       measure(&programs[at / sizes[1]], from, sizes[2], repeat), below);
		}
	}
	return 0;
}
