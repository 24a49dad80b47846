/*
 * Fills the running kernel's numbers into a program. They are in the kernel's BTF: a header, then all types consecutively
 * with ids from 1 on, then the names. See the kernel's Documentation/bpf/btf.rst.
 *
 * libbpf has functions for all of this, which keep every type there is at hand. A launch asks for seven numbers, once: it
 * goes through the types until it has seen them, half a millisecond instead of ten.
 */
#define _GNU_SOURCE
#include "kernel-numbers.h"

#include <alf/kernel.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define KERNEL_TYPES	"/sys/kernel/btf/vmlinux"

/* struct sk_buff has its members three structures and unions deep. */
#define MAX_NESTED	4
/* A type has a name, that has a name, and a qualifier or two. */
#define MAX_NAMES	8

/* Types have different sizes: the place of every so many is kept. */
#define STRIDE		256
#define MAX_PLACES	1024

/* A place among the types. */
struct cursor {
	const struct btf_type *type;
	uint32_t id;
};

/* The kernel's BTF. It is the kernel's own word, and is still not followed out of bounds. */
struct types {
	void *file;
	size_t size;
	const char *first, *end;
	const char *names;
	size_t names_size;
	/* Of the types that find_types has gone through. */
	struct cursor places[MAX_PLACES];
	size_t placed;
};

/* A type that is looked for, and where it is. */
struct wanted {
	unsigned int kind;
	const char *name;
	struct cursor found;
};

static bool read_all(int fd, char *into, size_t size)
{
	ssize_t got;

	for (; size > 0; into += got, size -= got) {
		got = read(fd, into, size);
		if (got <= 0)
			return false;
	}
	return true;
}

/* Maps the file, or reads it: it can be mapped since Linux 6.16. */
static bool map_file(struct types *types)
{
	int fd = open(KERNEL_TYPES, O_RDONLY | O_CLOEXEC);
	struct stat status;
	bool whole = false;

	if (fd < 0)
		return false;
	if (!fstat(fd, &status) && status.st_size > 0) {
		types->size = status.st_size;
		types->file = mmap(NULL, types->size, PROT_READ, MAP_PRIVATE, fd, 0);
		whole = types->file != MAP_FAILED;
		if (!whole) {
			types->file = mmap(NULL, types->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			whole = types->file != MAP_FAILED && read_all(fd, types->file, types->size);
		}
	}
	close(fd);
	return whole;
}

/* A part of the file, by its offset behind the header. Return: NULL if it is not all there */
static const char *part(const struct types *types, const struct btf_header *header, uint32_t offset, uint32_t size)
{
	size_t from = (size_t)header->hdr_len + offset;

	return from > types->size || size > types->size - from ? NULL : (const char *)types->file + from;
}

static bool open_types(struct types *types)
{
	const struct btf_header *header;

	if (!map_file(types) || types->size < sizeof(*header))
		return false;
	header = types->file;
	types->first = part(types, header, header->type_off, header->type_len);
	types->names = part(types, header, header->str_off, header->str_len);
	types->names_size = header->str_len;
	if (header->magic != BTF_MAGIC || !types->first || !types->names || !types->names_size)
		return false;
	types->end = types->first + header->type_len;
	/* All names end within their part. */
	return types->names[types->names_size - 1] == 0;
}

static void close_types(struct types *types)
{
	if (types->file && types->file != MAP_FAILED)
		munmap(types->file, types->size);
}

static const char *name_at(const struct types *types, uint32_t offset)
{
	return types->names + (offset < types->names_size ? offset : types->names_size - 1);
}

/* Bytes of a type, with what follows it for its kind. */
static size_t size_of(const struct btf_type *type)
{
	size_t count = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(*type) + sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(*type) + sizeof(struct btf_array);
	case BTF_KIND_ENUM:
		return sizeof(*type) + count * sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return sizeof(*type) + count * sizeof(struct btf_param);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return sizeof(*type) + count * sizeof(struct btf_member);
	case BTF_KIND_ENUM64:
		return sizeof(*type) + count * sizeof(struct btf_enum64);
	case BTF_KIND_DATASEC:
		return sizeof(*type) + count * sizeof(struct btf_var_secinfo);
	default:
		return sizeof(*type);
	}
}

/* Whether there is a whole type at a cursor. */
static bool is_there(const struct types *types, const struct cursor *at)
{
	size_t left = types->end - (const char *)at->type;

	return left >= sizeof(*at->type) && left >= size_of(at->type);
}

static void next_type(struct cursor *at)
{
	at->type = (const void *)((const char *)at->type + size_of(at->type));
	at->id++;
}

/* Looks for several types at once. Return: false if one is not there */
static bool find_types(struct types *types, struct wanted *wanted, size_t count)
{
	struct cursor at = { .type = (const void *)types->first, .id = 1 };
	size_t left = count;

	for (; left && is_there(types, &at); next_type(&at)) {
		unsigned int kind = BTF_INFO_KIND(at.type->info);
		const char *name;

		if (at.id % STRIDE == 1 && types->placed < MAX_PLACES)
			types->places[types->placed++] = at;
		if (kind != BTF_KIND_STRUCT && kind != BTF_KIND_FUNC)
			continue;
		name = name_at(types, at.type->name_off);
		for (size_t i = 0; i < count; i++) {
			/* The first letter spares most of a hundred thousand functions the call. */
			if (wanted[i].kind != kind || wanted[i].found.id || wanted[i].name[0] != name[0] ||
			    strcmp(wanted[i].name, name))
				continue;
			wanted[i].found = at;
			left--;
		}
	}
	return !left;
}

/* A type by its id, after find_types. Return: NULL if there is none */
static const struct btf_type *type_of(const struct types *types, uint32_t id)
{
	size_t place = (id - 1) / STRIDE;
	struct cursor at;

	if (!id || !types->placed)
		return NULL;
	at = types->places[place < types->placed ? place : types->placed - 1];
	while (at.id < id && is_there(types, &at))
		next_type(&at);
	return is_there(types, &at) ? at.type : NULL;
}

/* Whether a type is, behind all its names, a `kind` of `size` bytes. */
static bool is_plain(const struct types *types, uint32_t id, unsigned int kind, size_t size)
{
	const struct btf_type *type = type_of(types, id);

	for (int names = 0; type && names < MAX_NAMES; names++) {
		unsigned int own = BTF_INFO_KIND(type->info);

		if (own == kind)
			return kind == BTF_KIND_PTR || type->size == size;
		if (own != BTF_KIND_TYPEDEF && own != BTF_KIND_CONST && own != BTF_KIND_VOLATILE)
			return false;
		type = type_of(types, type->type);
	}
	return false;
}

/*
 * The offset in bytes of a member of a structure or union, also of one inside others without a name.
 *
 * Return: -1 without a type of that name, kind and size
 */
static long offset_of(const struct types *types, const struct btf_type *whole,
		      const char *name, unsigned int kind, size_t size, int nested)
{
	const struct btf_member *member = (const void *)(whole + 1), *end = member + BTF_INFO_VLEN(whole->info);

	for (; member < end; member++) {
		long bits = BTF_INFO_KFLAG(whole->info) ? BTF_MEMBER_BIT_OFFSET(member->offset) : member->offset;
		const struct btf_type *inner;
		long within;

		if (member->name_off) {
			if (strcmp(name_at(types, member->name_off), name))
				continue;
			return bits % 8 == 0 && is_plain(types, member->type, kind, size) ? bits / 8 : -1;
		}
		inner = nested < MAX_NESTED ? type_of(types, member->type) : NULL;
		if (!inner || (BTF_INFO_KIND(inner->info) != BTF_KIND_STRUCT && BTF_INFO_KIND(inner->info) != BTF_KIND_UNION))
			continue;
		within = offset_of(types, inner, name, kind, size, nested + 1);
		if (within >= 0)
			return bits / 8 + within;
	}
	return -1;
}

/* Asks the kernel for every number. Return: false if it does not have all of them */
static bool ask(struct types *types, int32_t numbers[ALF_KERNEL_NUMBERS])
{
	struct wanted wanted[] = {
		[ALF_CAST_TO_KERNEL] = { BTF_KIND_FUNC, "bpf_cast_to_kern_ctx", {} },
		[ALF_CAST_READ_ONLY] = { BTF_KIND_FUNC, "bpf_rdonly_cast", {} },
		[ALF_IPV4_HEADER] = { BTF_KIND_STRUCT, "iphdr", {} },
		[ALF_IPV6_HEADER] = { BTF_KIND_STRUCT, "ipv6hdr", {} },
		{ BTF_KIND_STRUCT, "sk_buff", {} },
	};
	static const struct {
		enum alf_kernel_number number;
		const char *name;
		unsigned int kind;
		size_t size;
	} members[] = {
		{ ALF_SKB_HEAD, "head", BTF_KIND_PTR, sizeof(void *) },
		{ ALF_SKB_TAIL, "tail", BTF_KIND_INT, sizeof(uint32_t) },
		{ ALF_SKB_NETWORK_HEADER, "network_header", BTF_KIND_INT, sizeof(uint16_t) },
	};
	const size_t ids = sizeof(wanted) / sizeof(wanted[0]) - 1;

	if (!find_types(types, wanted, ids + 1))
		return false;
	for (size_t i = 0; i < ids; i++)
		numbers[i] = wanted[i].found.id;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		long offset = offset_of(types, wanted[ids].found.type, members[i].name, members[i].kind,
					members[i].size, 0);

		if (offset < 0)
			return false;
		numbers[members[i].number] = offset;
	}
	return true;
}

static int replace(struct bpf_program *program, const int32_t numbers[ALF_KERNEL_NUMBERS])
{
	size_t count = bpf_program__insn_cnt(program);
	struct bpf_insn *insns = malloc(count * sizeof(*insns));
	int result;

	if (!insns)
		return -1;
	memcpy(insns, bpf_program__insns(program), count * sizeof(*insns));
	for (size_t i = 0; i < count; i++) {
		uint32_t number = (uint32_t)insns[i].imm ^ ALF_KERNEL_MARK;

		if (number >= ALF_KERNEL_NUMBERS)
			continue;
		insns[i].imm = numbers[number];
		if (insns[i].code == (BPF_JMP | BPF_CALL))
			insns[i].src_reg = BPF_PSEUDO_KFUNC_CALL;
	}
	result = bpf_program__set_insns(program, insns, count);
	free(insns);
	return result;
}

int alf_fill_kernel_numbers(struct bpf_program *program)
{
	int32_t numbers[ALF_KERNEL_NUMBERS];
	struct types types = {};
	bool known = open_types(&types) && ask(&types, numbers);

	close_types(&types);
	if (known)
		return replace(program, numbers);
	errno = ENOTSUP;
	return -1;
}
