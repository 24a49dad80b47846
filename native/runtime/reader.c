/* Reads values, bounds-checked. */
#include "reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES 16

static void fail(struct alf_reader *reader, int error)
{
	if (reader->error == 0)
		reader->error = error;
	reader->at = reader->end;
}

void alf_expect(struct alf_reader *reader, bool condition)
{
	if (!condition)
		fail(reader, -EBADMSG);
}

static uint32_t word_at(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Like FNV-1a, over words. A rest of less than a word is not summed, and not read either. */
static uint32_t checksum(const uint8_t *at, const uint8_t *end)
{
	uint32_t hash = 0x811c9dc5u;

	for (; end - at >= 4; at += 4) {
		hash = (hash ^ word_at(at)) * 0x01000193u;
		/* Brings the upper bits down: those of a word would change the same bits of the sum only. */
		hash ^= hash >> 15;
	}
	return hash;
}

void alf_start_reading(struct alf_reader *reader, void **memory, uint32_t magic, const void *bytes, size_t size)
{
	uint8_t *copy = malloc(size + 1);

	*memory = copy;
	*reader = (struct alf_reader){ .at = copy, .end = copy, .error = copy == NULL ? -ENOMEM : 0 };
	if (copy == NULL)
		return;
	if (size > 0)
		memcpy(copy, bytes, size);
	reader->end = copy + size;
	alf_expect(reader, alf_read_u32(reader) == magic);
	alf_expect(reader, alf_read_u32(reader) == ALF_PLAN_VERSION);
	alf_expect(reader, alf_read_u32(reader) == size);
	alf_expect(reader, alf_read_u32(reader) == checksum(reader->at, reader->end));
}

static size_t left(const struct alf_reader *reader) { return (size_t)(reader->end - reader->at); }

uint32_t alf_read_u32(struct alf_reader *reader)
{
	const uint8_t *at = reader->at;

	alf_expect(reader, left(reader) >= 4);
	if (reader->error != 0)
		return 0;
	reader->at += 4;
	return word_at(at);
}

uint64_t alf_read_u64(struct alf_reader *reader)
{
	uint64_t low = alf_read_u32(reader);

	return low | (uint64_t)alf_read_u32(reader) << 32;
}

uint32_t alf_read_below(struct alf_reader *reader, uint32_t limit)
{
	uint32_t value = alf_read_u32(reader);

	alf_expect(reader, value < limit);
	return value < limit ? value : 0;
}

bool alf_read_bool(struct alf_reader *reader) { return alf_read_below(reader, 2) == 1; }

struct alf_bytes alf_read_bytes(struct alf_reader *reader)
{
	uint32_t size = alf_read_u32(reader);
	size_t padded = ((size_t)size + 3) & ~(size_t)3;
	struct alf_bytes bytes = { .data = reader->at, .size = size };

	alf_expect(reader, padded <= left(reader));
	if (reader->error != 0)
		return (struct alf_bytes){ .data = reader->end, .size = 0 };
	reader->at += padded;
	return bytes;
}

const char *alf_read_string(struct alf_reader *reader)
{
	struct alf_bytes bytes = alf_read_bytes(reader);

	alf_expect(reader, bytes.size > 0 && memchr(bytes.data, 0, bytes.size) == bytes.data + bytes.size - 1);
	return reader->error == 0 ? (const char *)bytes.data : "";
}

void *alf_read_array(struct alf_reader *reader, uint32_t *count, size_t item, size_t encoded, size_t spare)
{
	void *items;

	*count = alf_read_u32(reader);
	/* So an invalid count does not become a huge allocation. */
	alf_expect(reader, *count <= left(reader) / encoded);
	if (reader->error != 0)
		*count = 0;
	items = calloc(*count + spare + 1, item);
	if (items != NULL)
		return items;
	*count = 0;
	fail(reader, -ENOMEM);
	return NULL;
}

int alf_end_reading(struct alf_reader *reader)
{
	alf_expect(reader, reader->at == reader->end);
	return reader->error;
}
