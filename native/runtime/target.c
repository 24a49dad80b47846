/* Decodes a target. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "reader.h"

/* Least encoded sizes: a string holds its zero. */
#define STRING_BYTES 8
#define NUMBER_BYTES 4

/* Returns the strings, followed by NULL. */
static char **read_strings(struct alf_reader *reader)
{
	uint32_t count;
	char **strings = alf_read_array(reader, &count, sizeof(*strings), STRING_BYTES, 1);

	/* execve(2) takes them as not const, and does not write. */
	for (uint32_t i = 0; i < count; i++)
		strings[i] = (char *)alf_read_string(reader);
	return strings;
}

static void read_inherited(struct alf_reader *reader, struct alf_target *target)
{
	target->inherited =
		alf_read_array(reader, &target->inherited_count, sizeof(*target->inherited), NUMBER_BYTES, 0);
	for (uint32_t i = 0; i < target->inherited_count; i++) {
		target->inherited[i] = (int)alf_read_u32(reader);
		alf_expect(reader, target->inherited[i] >= FIRST_FD);
	}
}

static void read_target(struct alf_reader *reader, struct alf_target *target)
{
	target->path = alf_read_string(reader);
	target->argv = read_strings(reader);
	target->environment = read_strings(reader);
	read_inherited(reader, target);
	for (int fd = 0; fd < FIRST_FD; fd++)
		target->stdio_open[fd] = alf_read_bool(reader);
	target->ignored_signals = alf_read_u64(reader);
	target->blocked_signals = alf_read_u64(reader);
	target->nofile.rlim_cur = alf_read_u64(reader);
	target->nofile.rlim_max = alf_read_u64(reader);
}

int alf_decode_target(struct alf_target *target, const void *bytes, size_t size)
{
	struct alf_reader reader;
	int error;

	memset(target, 0, sizeof(*target));
	alf_start_reading(&reader, &target->memory, ALF_TARGET_MAGIC, bytes, size);
	if (reader.error == 0)
		read_target(&reader, target);
	error = alf_end_reading(&reader);
	if (error < 0)
		alf_release_target(target);
	return error;
}

void alf_release_target(struct alf_target *target)
{
	free(target->argv);
	free(target->environment);
	free(target->inherited);
	free(target->memory);
	memset(target, 0, sizeof(*target));
}
