/* SPDX-License-Identifier: MIT */

/*
 * cgroup-filter OBJECT CGROUP LIST: attaches the programs of cgroup.bpf.c to a control group, until it is
 * removed. LIST has an IPv4 prefix a line.
 */

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what)
{
	fprintf(stderr, "cgroup-filter: unable to %s: %s\n", what, strerror(errno));
	exit(1);
}

static void fill(int map, const char *path)
{
	struct {
		uint32_t length;
		struct in_addr address;
	} key;
	FILE *list = fopen(path, "r");
	uint64_t allowed = 1;
	char line[64];

	if (!list)
		fail("open the list");
	while (fgets(line, sizeof(line), list)) {
		char *slash = strchr(line, '/');

		if (!slash)
			fail("find a length");
		*slash = 0;
		key.length = atoi(slash + 1);
		if (!inet_aton(line, &key.address) || bpf_map_update_elem(map, &key, &allowed, 0))
			fail("add a prefix");
	}
	fclose(list);
}

static void attach(struct bpf_object *object, const char *name, int cgroup, enum bpf_attach_type type)
{
	int program = bpf_program__fd(bpf_object__find_program_by_name(object, name));

	if (bpf_prog_attach(program, cgroup, type, BPF_F_ALLOW_MULTI))
		fail("attach a program");
}

int main(int argc, char **argv)
{
	struct bpf_object *object;
	int cgroup;

	if (argc != 4)
		fail("read the arguments");
	object = bpf_object__open_file(argv[1], NULL);
	cgroup = open(argv[2], O_RDONLY | O_DIRECTORY);
	if (!object || bpf_object__load(object) || cgroup < 0)
		fail("load the programs");
	fill(bpf_object__find_map_fd_by_name(object, "allow4"), argv[3]);
	attach(object, "ingress", cgroup, BPF_CGROUP_INET_INGRESS);
	attach(object, "egress", cgroup, BPF_CGROUP_INET_EGRESS);
	return 0;
}
