/* Decodes a plan and checks that each listener of it can be what the tier says. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "internal.h"
#include "reader.h"

#ifndef BPF_MAXINSNS
#define BPF_MAXINSNS 4096
#endif

/* Least encoded sizes. */
#define LISTENER_BYTES 44
#define OPTION_BYTES 16
#define CHANGE_BYTES 32
#define CAPABILITIES 64

static void read_options(struct alf_reader *reader, struct alf_listener *listener)
{
	listener->options = alf_read_array(reader, &listener->option_count, sizeof(*listener->options), OPTION_BYTES, 0);
	for (uint32_t i = 0; i < listener->option_count; i++) {
		struct alf_option *option = &listener->options[i];

		option->level = (int)alf_read_u32(reader);
		option->name = (int)alf_read_u32(reader);
		option->traffic = alf_read_bool(reader);
		option->value = alf_read_bytes(reader);
	}
}

static void check_unix_address(struct alf_reader *reader, const struct alf_bytes *address, bool inherited)
{
	size_t path = offsetof(struct sockaddr_un, sun_path);

	/* An inherited socket may have no address. */
	alf_expect(reader, address->size >= path + !inherited && address->size <= sizeof(struct sockaddr_un));
	/* A path is zero-terminated. An abstract name begins with a zero, and may hold others. */
	if (reader->error == 0 && address->size > path && address->data[path] != 0)
		alf_expect(reader, memchr(address->data + path, 0, address->size - path) ==
					   address->data + address->size - 1);
}

static void check_address(struct alf_reader *reader, const struct alf_listener *listener)
{
	sa_family_t family;

	alf_expect(reader, listener->address.size >= sizeof(family));
	if (reader->error != 0)
		return;
	memcpy(&family, listener->address.data, sizeof(family));
	alf_expect(reader, family == listener->family);
	if (family == AF_UNIX)
		check_unix_address(reader, &listener->address, listener->inherited);
	else
		alf_expect(reader, (family == AF_INET && listener->address.size == sizeof(struct sockaddr_in)) ||
					   (family == AF_INET6 && listener->address.size == sizeof(struct sockaddr_in6)));
}

static bool is_program(const struct alf_bytes *program)
{
	return program->size > 0 && program->size % sizeof(struct sock_filter) == 0 &&
	       program->size / sizeof(struct sock_filter) <= BPF_MAXINSNS;
}

static void check_listener(struct alf_reader *reader, const struct alf_listener *listener, uint32_t index)
{
	bool is_unix = listener->family == AF_UNIX, is_stream = listener->type == SOCK_STREAM;
	bool has_program = listener->tier == ALF_TIER_CLASSIC || listener->tier == ALF_TIER_STEER;

	alf_expect(reader, is_stream || listener->type == SOCK_DGRAM || (is_unix && listener->type == SOCK_SEQPACKET));
	alf_expect(reader, listener->fd == FIRST_FD + (int)index);
	alf_expect(reader, has_program ? is_program(&listener->program) : listener->program.size == 0);
	/* Only UNIX sockets do without a filter, and only TCP is steered. */
	alf_expect(reader, listener->tier != ALF_TIER_NONE || is_unix);
	alf_expect(reader, listener->tier != ALF_TIER_STEER || (!is_unix && is_stream && !listener->inherited));
	check_address(reader, listener);
}

static void read_listener(struct alf_reader *reader, struct alf_listener *listener, uint32_t index)
{
	listener->tier = (enum alf_tier)alf_read_below(reader, ALF_TIERS);
	listener->lock = alf_read_bool(reader);
	listener->inherited = alf_read_bool(reader);
	listener->fd = (int)alf_read_u32(reader);
	listener->family = (int)alf_read_u32(reader);
	listener->type = (int)alf_read_u32(reader);
	listener->backlog = (int)alf_read_u32(reader);
	listener->mode = (mode_t)alf_read_below(reader, 01000);
	listener->address = alf_read_bytes(reader);
	listener->program = alf_read_bytes(reader);
	read_options(reader, listener);
	check_listener(reader, listener, index);
}

static void read_change(struct alf_reader *reader, struct alf_change *change)
{
	change->operation = (enum alf_operation)alf_read_below(reader, ALF_OPERATIONS);
	change->a = alf_read_u64(reader);
	change->b = alf_read_u64(reader);
	change->c = alf_read_u64(reader);
	if (change->operation == ALF_CHANGE_DIRECTORY) {
		change->data.data = (const uint8_t *)alf_read_string(reader);
		return;
	}
	change->data = alf_read_bytes(reader);
	alf_expect(reader, change->operation == ALF_SET_GROUPS ? change->data.size % sizeof(uint32_t) == 0 :
								 change->data.size == 0);
	if (change->operation == ALF_LOWER_AMBIENT || change->operation == ALF_DROP_BOUNDING)
		alf_expect(reader, change->a < CAPABILITIES);
	/* (uid_t)-1 would leave the user as it is. */
	if (change->operation == ALF_SET_UID || change->operation == ALF_SET_GID)
		alf_expect(reader, change->a < UINT32_MAX);
}

/* Mechanisms of interception. */
enum { MECHANISM_FETCH = 1, MECHANISM_CREATE, MECHANISMS };
#define DECLARATION_BYTES 8

static void read_filter(struct alf_reader *reader, struct alf_listener *listener, int type)
{
	bool has_program;

	listener->tier = (enum alf_tier)alf_read_below(reader, ALF_TIERS);
	listener->lock = true;
	listener->type = type;
	listener->program = alf_read_bytes(reader);
	has_program = listener->tier == ALF_TIER_CLASSIC || listener->tier == ALF_TIER_STEER;
	alf_expect(reader, listener->tier != ALF_TIER_NONE && (listener->tier != ALF_TIER_STEER || type == SOCK_STREAM));
	alf_expect(reader, has_program ? is_program(&listener->program) : listener->program.size == 0);
}

/* The instruction that has the number of listeners: BPF_MOD by a constant that is not zero. */
static void check_spread(struct alf_reader *reader, const struct alf_interception *interception)
{
	const struct alf_bytes *program = &interception->tcp.program;
	struct sock_filter instruction;

	alf_expect(reader, interception->spread < program->size / sizeof(instruction));
	if (reader->error != 0)
		return;
	memcpy(&instruction, program->data + interception->spread * sizeof(instruction), sizeof(instruction));
	alf_expect(reader, instruction.code == (BPF_ALU | BPF_MOD | BPF_K) && instruction.k == 1);
}

static void read_declaration(struct alf_reader *reader, struct alf_declaration *declaration)
{
	struct alf_listener checked = { 0 };

	declaration->protocol = (int)alf_read_u32(reader);
	declaration->address = alf_read_bytes(reader);
	alf_expect(reader, declaration->protocol == IPPROTO_TCP || declaration->protocol == IPPROTO_UDP);
	checked.address = declaration->address;
	checked.family = declaration->address.size == sizeof(struct sockaddr_in) ? AF_INET : AF_INET6;
	check_address(reader, &checked);
}

static void read_interception(struct alf_reader *reader, struct alf_interception *interception)
{
	uint32_t mechanism;

	interception->on = alf_read_bool(reader);
	if (!interception->on)
		return;
	mechanism = alf_read_below(reader, MECHANISMS);
	alf_expect(reader, mechanism != 0);
	interception->creates = mechanism == MECHANISM_CREATE;
	interception->refuse = alf_read_bool(reader);
	interception->new_privileges = alf_read_bool(reader);
	interception->verbose = alf_read_bool(reader);
	read_filter(reader, &interception->tcp, SOCK_STREAM);
	interception->spread = alf_read_u32(reader);
	if (interception->tcp.tier == ALF_TIER_STEER)
		check_spread(reader, interception);
	read_filter(reader, &interception->udp, SOCK_DGRAM);
	/* A socket that is created may become a client, and is not examined again: so only these tiers are for it. */
	alf_expect(reader, !interception->creates || (interception->tcp.tier == ALF_TIER_STEER &&
						      interception->udp.tier == ALF_TIER_CLASSIC));
	interception->client_first = (uint16_t)alf_read_below(reader, UINT16_MAX + 1);
	interception->client_last = (uint16_t)alf_read_below(reader, UINT16_MAX + 1);
	interception->declared = alf_read_array(reader, &interception->declared_count, sizeof(*interception->declared),
						DECLARATION_BYTES, 0);
	for (uint32_t i = 0; i < interception->declared_count; i++)
		read_declaration(reader, &interception->declared[i]);
}

static void read_plan(struct alf_reader *reader, struct alf_plan *plan)
{
	plan->listeners = alf_read_array(reader, &plan->listener_count, sizeof(*plan->listeners), LISTENER_BYTES, 0);
	for (uint32_t i = 0; i < plan->listener_count; i++)
		read_listener(reader, &plan->listeners[i], i);
	plan->changes = alf_read_array(reader, &plan->change_count, sizeof(*plan->changes), CHANGE_BYTES, 0);
	for (uint32_t i = 0; i < plan->change_count; i++)
		read_change(reader, &plan->changes[i]);
	plan->guard = alf_read_bytes(reader);
	alf_expect(reader, plan->guard.size == 0 || is_program(&plan->guard));
	plan->companion = alf_read_string(reader);
	plan->uid = (int64_t)alf_read_u64(reader);
	read_interception(reader, &plan->interception);
	/* Without a seccomp program no call is intercepted. */
	alf_expect(reader, !plan->interception.on || plan->guard.size > 0);
}

int alf_decode_plan(struct alf_plan *plan, const void *bytes, size_t size)
{
	struct alf_reader reader;
	int error;

	memset(plan, 0, sizeof(*plan));
	plan->size = size;
	alf_start_reading(&reader, &plan->memory, ALF_PLAN_MAGIC, bytes, size);
	if (reader.error == 0)
		read_plan(&reader, plan);
	error = alf_end_reading(&reader);
	if (error < 0)
		alf_release_plan(plan);
	return error;
}

void alf_release_plan(struct alf_plan *plan)
{
	for (uint32_t i = 0; i < plan->listener_count; i++)
		free(plan->listeners[i].options);
	free(plan->listeners);
	free(plan->changes);
	free(plan->interception.declared);
	free(plan->memory);
	memset(plan, 0, sizeof(*plan));
}
