/* The descriptors that the companion has. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "companion.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

int highest_descriptor(void)
{
	int highest = 0;

	for (int i = 0; i < MAX_GROUPS; i++) {
		const struct group *group = group_of(i);

		if (group == NULL)
			continue;
		highest = group->sink > highest ? group->sink : highest;
		highest = group->peer > highest ? group->peer : highest;
	}
	return highest;
}

static int ascending(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static int close_all_but(int *kept, int count)
{
	unsigned int from = 0;

	qsort(kept, count, sizeof(*kept), ascending);
	for (int i = 0; i < count; i++) {
		if (kept[i] < 0)
			continue;
		if ((unsigned int)kept[i] > from && syscall(SYS_close_range, from, kept[i] - 1, 0) < 0)
			return -errno;
		from = kept[i] + 1;
	}
	return syscall(SYS_close_range, from, ~0U, 0) < 0 ? -errno : 0;
}

int close_others(const int *more, int count)
{
	/* Allocated once: later there may be no memory. Pages that are not touched cost nothing. */
	static int *kept;
	int size = 0;

	if (kept == NULL)
		kept = calloc(2 * MAX_GROUPS + MAX_MORE + MAX_TIES, sizeof(*kept));
	if (kept == NULL)
		return -ENOMEM;
	for (int i = 0; i < MAX_GROUPS; i++) {
		const struct group *group = group_of(i);

		if (group == NULL)
			continue;
		kept[size++] = group->sink;
		kept[size++] = group->peer;
	}
	for (int i = 0; i < count && i < MAX_MORE; i++)
		kept[size++] = more[i];
	size += list_ties(kept + size);
	return close_all_but(kept, size);
}
