/* SPDX-License-Identifier: MIT */

/*
 * run FILE ROUNDS REPEAT: measures classic programs on datagrams between two sockets.
 *
 * FILE, host order: u32 programs, draws, senders; the floor and each program as u32 length and instructions, each twice:
 * one that drops all packets, and one that keeps all; then for each program and draw the sources, in network order, that
 * are sent in turn.
 *
 * The sockets are of AF_UNIX, where no header precedes a packet's data: it begins in place of the network header.
 *
 * Each round measures for each draw the floor, directly after it each program, and no filter, with the same packets.
 * Prints a line for each: program, draw, ns of CPU time for a packet that is dropped, the floor's; for one that is kept
 * and received, and without a filter.
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

/* Two ends of a connection, the second one with a filter or without. */
struct pair {
	int sockets[2];
};

struct program {
	struct pair drops;
	struct pair keeps;
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

static void connect_pair(struct pair *pair)
{
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair->sockets))
		fail("make sockets");
}

static void attach(FILE *file, struct pair *pair)
{
	struct sock_filter instructions[BPF_MAXINSNS];
	struct sock_fprog filter = { .filter = instructions };
	uint32_t length;

	read_words(file, &length, 1);
	if (length > BPF_MAXINSNS)
		fail("fit a program");
	read_words(file, instructions, 2 * (size_t)length);
	filter.len = length;
	connect_pair(pair);
	if (setsockopt(pair->sockets[1], SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)))
		fail("attach a program");
}

static void read_program(FILE *file, struct program *program)
{
	attach(file, &program->drops);
	attach(file, &program->keeps);
}

/* Measures the cost of a packet; kept packets are received. */
static double measure(const struct pair *pair, int kept, const uint32_t *sources, uint32_t senders, uint32_t repeat)
{
	long long start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	uint32_t header[4] = {};	/* an IPv4 header up to the source */

	/* The sender gets no error for a dropped datagram. */
	for (uint32_t i = 0; i < repeat; i++) {
		header[3] = sources[i % senders];
		send(pair->sockets[0], header, sizeof(header), MSG_DONTWAIT);
		if (kept && recv(pair->sockets[1], header, sizeof(header), MSG_DONTWAIT) < 0)
			fail("receive what was kept");
	}
	return (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / repeat;
}

int main(int argc, char **argv)
{
	uint32_t sizes[3], rounds, repeat;	/* programs, draws, senders */
	struct program floor, *programs;
	struct pair bare;
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
	connect_pair(&bare);
	read_program(file, &floor);
	for (uint32_t i = 0; i < sizes[0]; i++)
		read_program(file, &programs[i]);
	read_words(file, sources, (size_t)sizes[0] * sizes[1] * sizes[2]);
	for (uint32_t round = 0; round < rounds; round++) {
		for (uint32_t i = 0; i < sizes[0] * sizes[1]; i++) {
			/* Each round starts at another program. */
			uint32_t at = (i + 7 * round) % (sizes[0] * sizes[1]);
			const uint32_t *from = sources + (size_t)at * sizes[2];
			const struct program *program = &programs[at / sizes[1]];
			double below = measure(&floor.drops, 0, from, sizes[2], repeat);
			double dropped = measure(&program->drops, 0, from, sizes[2], repeat);
			double unfiltered = measure(&bare, 1, from, sizes[2], repeat);
			double kept = measure(&program->keeps, 1, from, sizes[2], repeat);

			printf("%u %u %.2f %.2f %.2f %.2f\n", at / sizes[1], at % sizes[1], dropped, below, kept,
			       unfiltered);
		}
	}
	return 0;
}
