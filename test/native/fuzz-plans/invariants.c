/* Invariants of decoded plans and targets, one condition a line. */
#include "invariants.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#define FIRST_FD 3
#define MAX_INSNS 4096

/* Returns what is not so from the function it is in. */
#define HOLDS(condition)                   \
	do {                               \
		if (!(condition))          \
			return #condition; \
	} while (0)

#define CHECKS(call)                         \
	do {                                 \
		const char *found = (call);  \
		if (found != NULL)           \
			return found;        \
	} while (0)

struct memory {
	const uint8_t *from;
	const uint8_t *to;
};

static bool is_within(const struct memory *memory, const void *data, size_t size)
{
	const uint8_t *at = data;

	return at >= memory->from && at <= memory->to && size <= (size_t)(memory->to - at);
}

static bool is_string(const struct memory *memory, const char *text)
{
	return is_within(memory, text, 1) && memchr(text, 0, (size_t)(memory->to - (const uint8_t *)text)) != NULL;
}

/* `len` of struct sock_fprog is an unsigned short. */
static bool is_program(const struct alf_bytes *bytes)
{
	return bytes->size > 0 && bytes->size % sizeof(struct sock_filter) == 0 &&
	       bytes->size / sizeof(struct sock_filter) <= MAX_INSNS;
}

static const char *check_unix(const struct alf_listener *listener)
{
	const struct alf_bytes *address = &listener->address;
	size_t name = offsetof(struct sockaddr_un, sun_path);

	HOLDS(address->size >= name);
	HOLDS(address->size <= sizeof(struct sockaddr_un));
	/* Its first byte is looked at, and a path is given to unlink(2) as a string. */
	if (!listener->inherited) {
		HOLDS(address->size > name);
		if (address->data[name] != 0)
			HOLDS(address->data[address->size - 1] == 0);
	}
	HOLDS(listener->tier != ALF_TIER_STEER);
	return NULL;
}

static const char *check_internet(const struct alf_listener *listener)
{
	HOLDS(listener->tier != ALF_TIER_NONE);
	HOLDS(listener->type == SOCK_STREAM || listener->type == SOCK_DGRAM);
	if (listener->family == AF_INET)
		HOLDS(listener->address.size == sizeof(struct sockaddr_in));
	else
		HOLDS(listener->address.size == sizeof(struct sockaddr_in6));
	return NULL;
}

static const char *check_options(const struct memory *memory, const struct alf_listener *listener)
{
	HOLDS(listener->options != NULL);
	for (uint32_t i = 0; i < listener->option_count; i++)
		HOLDS(is_within(memory, listener->options[i].value.data, listener->options[i].value.size));
	return NULL;
}

static const char *check_listener(const struct memory *memory, const struct alf_listener *listener, uint32_t index)
{
	sa_family_t family;

	HOLDS(listener->tier >= ALF_TIER_NONE && listener->tier < ALF_TIERS);
	HOLDS(listener->family == AF_INET || listener->family == AF_INET6 || listener->family == AF_UNIX);
	HOLDS(listener->type == SOCK_STREAM || listener->type == SOCK_DGRAM || listener->type == SOCK_SEQPACKET);
	HOLDS(listener->fd == FIRST_FD + (int)index);
	HOLDS(listener->mode <= 0777);
	HOLDS(is_within(memory, listener->address.data, listener->address.size));
	HOLDS(listener->address.size <= sizeof(struct sockaddr_storage));
	memcpy(&family, listener->address.data, sizeof(family));
	HOLDS(family == listener->family);
	HOLDS(is_within(memory, listener->program.data, listener->program.size));
	if (listener->tier == ALF_TIER_CLASSIC || listener->tier == ALF_TIER_STEER)
		HOLDS(is_program(&listener->program));
	if (listener->tier == ALF_TIER_STEER)
		HOLDS(listener->type == SOCK_STREAM && !listener->inherited);
	CHECKS(check_options(memory, listener));
	return listener->family == AF_UNIX ? check_unix(listener) : check_internet(listener);
}

static const char *check_change(const struct memory *memory, const struct alf_change *change)
{
	HOLDS(change->operation < ALF_OPERATIONS);
	if (change->operation == ALF_CHANGE_DIRECTORY)
		HOLDS(is_string(memory, (const char *)change->data.data));
	else
		HOLDS(is_within(memory, change->data.data, change->data.size));
	if (change->operation == ALF_SET_GROUPS)
		HOLDS(change->data.size % sizeof(uint32_t) == 0);
	/* -1 would leave the user as it is; a larger number would be cut off. */
	if (change->operation == ALF_SET_UID || change->operation == ALF_SET_GID)
		HOLDS(change->a < UINT32_MAX);
	if (change->operation == ALF_LOWER_AMBIENT || change->operation == ALF_DROP_BOUNDING)
		HOLDS(change->a < 64);
	return NULL;
}

const char *check_plan(const struct alf_plan *plan, size_t size)
{
	const struct memory memory = { plan->memory, (const uint8_t *)plan->memory + size };

	HOLDS(plan->listeners != NULL && plan->changes != NULL);
	for (uint32_t i = 0; i < plan->listener_count; i++)
		CHECKS(check_listener(&memory, &plan->listeners[i], i));
	for (uint32_t i = 0; i < plan->change_count; i++)
		CHECKS(check_change(&memory, &plan->changes[i]));
	HOLDS(is_within(&memory, plan->guard.data, plan->guard.size));
	HOLDS(plan->guard.size == 0 || is_program(&plan->guard));
	HOLDS(is_string(&memory, plan->companion));
	return NULL;
}

static const char *check_strings(const struct memory *memory, char **strings)
{
	HOLDS(strings != NULL);
	for (; *strings != NULL; strings++)
		HOLDS(is_string(memory, *strings));
	return NULL;
}

const char *check_target(const struct alf_target *target, size_t size)
{
	const struct memory memory = { target->memory, (const uint8_t *)target->memory + size };

	HOLDS(is_string(&memory, target->path));
	CHECKS(check_strings(&memory, target->argv));
	CHECKS(check_strings(&memory, target->environment));
	HOLDS(target->inherited != NULL);
	for (uint32_t i = 0; i < target->inherited_count; i++)
		HOLDS(target->inherited[i] >= FIRST_FD);
	return NULL;
}
