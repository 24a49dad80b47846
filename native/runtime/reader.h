/*
 * Reads an encoded plan or target.
 *
 * A header of four u32: magic, version, size of all, a sum of the words that follow (reader.c). Then values one after the other: a u32; a u64
 * as two of them, low half first; bytes as their size and themselves, padded to a multiple of four. Little-endian, but for
 * the inside of bytes, which are as the kernel takes them.
 */
#ifndef ALF_RUNTIME_READER_H
#define ALF_RUNTIME_READER_H

#include "alf_runtime.h"

#define ALF_PLAN_MAGIC 0x50464c41u   /* "ALFP" */
#define ALF_TARGET_MAGIC 0x54464c41u /* "ALFT" */
#define ALF_PLAN_VERSION 1u

/* Once a value is missing or invalid, all that follow are zero and empty. */
struct alf_reader {
	const uint8_t *at;
	const uint8_t *end;
	/* 0, -EBADMSG or -ENOMEM. */
	int error;
};

/* Copies the bytes to *memory, which is the caller's to free, and checks the header. */
void alf_start_reading(struct alf_reader *reader, void **memory, uint32_t magic, const void *bytes, size_t size);

uint32_t alf_read_u32(struct alf_reader *reader);
uint64_t alf_read_u64(struct alf_reader *reader);
/* A u32 that must be below a limit. */
uint32_t alf_read_below(struct alf_reader *reader, uint32_t limit);
bool alf_read_bool(struct alf_reader *reader);
struct alf_bytes alf_read_bytes(struct alf_reader *reader);
/* Bytes that end with their only zero. Never NULL. */
const char *alf_read_string(struct alf_reader *reader);
/* Reads a count and allocates as many items, and `spare` more, all zero. `encoded` is the least size of one in the plan. */
void *alf_read_array(struct alf_reader *reader, uint32_t *count, size_t item, size_t encoded, size_t spare);
/* Marks the plan invalid unless a condition holds. */
void alf_expect(struct alf_reader *reader, bool condition);
/* Returns 0 if all was read and valid, or -errno. */
int alf_end_reading(struct alf_reader *reader);

#endif
