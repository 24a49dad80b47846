/* Reads standard input and splits it by the size in the header of the plan. */
#include "input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Offset of the size in a header: see native/runtime/reader.h. */
#define SIZE_AT 8
#define CHUNK 65536

static void fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static size_t read_all(uint8_t **memory)
{
	size_t size = 0, got;

	do {
		uint8_t *larger = realloc(*memory, size + CHUNK);

		if (larger == NULL)
			fail("realloc");
		*memory = larger;
		got = fread(larger + size, 1, CHUNK, stdin);
		size += got;
	} while (got > 0);
	if (ferror(stdin))
		fail("stdin");
	return size;
}

struct alf_input alf_read_input(void)
{
	struct alf_input input = { 0 };
	size_t size = read_all(&input.memory);
	uint32_t plan = 0;

	if (size >= SIZE_AT + sizeof(plan))
		memcpy(&plan, input.memory + SIZE_AT, sizeof(plan));
	if (plan > size || plan == 0)
		plan = (uint32_t)size;
	input.plan = (struct alf_bytes){ input.memory, plan };
	input.target = (struct alf_bytes){ input.memory + plan, (uint32_t)size - plan };
	return input;
}

const char *alf_step_name(enum alf_step step)
{
	static const char *const names[] = {
#define ALF_STEP(name, text) text,
		ALF_STEPS(ALF_STEP)
#undef ALF_STEP
	};

	return names[step];
}
