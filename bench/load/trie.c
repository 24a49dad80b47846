/* SPDX-License-Identifier: MIT */

/*
 * trie LIST [hold]: fills a kernel trie from a file of IPv4 prefixes, one a line, in batches. With `hold` it prints
 * "loaded" and waits for the end of its standard input.
 */

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH	4096
#define MOST	2000000

struct key {
	uint32_t length;
	struct in_addr address;
};

static void fail(const char *what)
{
	fprintf(stderr, "trie: unable to %s: %s\n", what, strerror(errno));
	exit(1);
}

static void add(int map, const struct key *keys, uint32_t count)
{
	static const uint32_t values[BATCH];

	if (count > 0 && bpf_map_update_batch(map, keys, values, &count, NULL))
		fail("add prefixes");
}

static void fill(int map, FILE *list)
{
	struct key keys[BATCH];
	uint32_t count = 0;
	char line[64];

	while (fgets(line, sizeof(line), list)) {
		char *slash = strchr(line, '/');

		if (!slash)
			fail("find a length");
		*slash = 0;
		keys[count].length = atoi(slash + 1);
		if (!inet_aton(line, &keys[count].address))
			fail("read an address");
		if (++count == BATCH) {
			add(map, keys, count);
			count = 0;
		}
	}
	add(map, keys, count);
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_NO_PREALLOC);
	FILE *list = argc > 1 ? fopen(argv[1], "r") : NULL;
	int map = bpf_map_create(BPF_MAP_TYPE_LPM_TRIE, "trie", sizeof(struct key), 4, MOST, &options);
	char end;

	if (!list || map < 0)
		fail("open the list or the map");
	fill(map, list);
	if (argc > 2) {
		puts("loaded");
		fflush(stdout);
		if (read(0, &end, 1) < 0)
			fail("wait");
	}
	return 0;
}
