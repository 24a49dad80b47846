/* The tables of groups and listeners. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "companion.h"

/* Pages that are not touched cost nothing. */
static struct {
	struct group groups[MAX_GROUPS];
	struct listener listeners[MAX_LISTENERS];
} *tables;

void open_groups(void)
{
	void *map = mmap(NULL, sizeof(*tables), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	check(map == MAP_FAILED ? -1 : 0);
	tables = map;
}

struct group *group_of(int number) { return tables->groups[number].used ? &tables->groups[number] : NULL; }

bool has_groups(void)
{
	for (int i = 0; i < MAX_GROUPS; i++)
		if (tables->groups[i].used)
			return true;
	return false;
}

int add_group(const struct group *group)
{
	for (int i = 0; i < MAX_GROUPS; i++) {
		struct group *entry = &tables->groups[i];

		if (entry->used)
			continue;
		*entry = *group;
		entry->used = true;
		return i;
	}
	return -ENOSPC;
}

/* The entry is freed first: its numbers may be another file's as soon as they are closed. */
void close_group(int number)
{
	struct group *group = &tables->groups[number];

	group->used = false;
	if (group->peer >= 0)
		close(group->peer);
	close(group->sink);
}

static int free_listener(void)
{
	for (int i = 0; i < MAX_LISTENERS; i++)
		if (tables->listeners[i].group == 0)
			return i;
	return -ENOSPC;
}

int add_listener(int group, ino_t inode)
{
	int number = free_listener();

	if (number < 0)
		return number;
	tables->listeners[number].inode = inode;
	tables->listeners[number].group = group + 1;
	return number;
}

void remove_listener(int number) { tables->listeners[number].group = 0; }

int count_listeners(int group)
{
	int count = 0;

	for (int i = 0; i < MAX_LISTENERS; i++)
		count += tables->listeners[i].group == group + 1;
	return count;
}

bool is_listener(ino_t inode)
{
	for (int i = 0; i < MAX_LISTENERS; i++)
		if (tables->listeners[i].group != 0 && tables->listeners[i].inode == inode)
			return true;
	return false;
}

/* For each listener, whether it is still held. */
static bool held[MAX_LISTENERS];

static void mark(ino_t inode)
{
	for (int i = 0; i < MAX_LISTENERS; i++)
		if (tables->listeners[i].group != 0 && tables->listeners[i].inode == inode)
			held[i] = true;
}

static ino_t sought;
static bool found;

static void seek(ino_t inode) { found = found || inode == sought; }

bool is_watched(ino_t inode)
{
	sought = inode;
	found = false;
	return list_held(companion.watched, seek) > 0 && found;
}

void sweep(void)
{
	if (!has_groups())
		return;
	memset(held, 0, sizeof(held));
	if (list_held(companion.watched, mark) < 0)
		return;
	for (int i = 0; i < MAX_LISTENERS; i++)
		if (tables->listeners[i].group != 0 && !held[i])
			tables->listeners[i].group = 0;
	for (int i = 0; i < MAX_GROUPS; i++)
		if (tables->groups[i].used && count_listeners(i) == 0)
			close_group(i);
}
