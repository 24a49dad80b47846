/* The tables of groups and listeners. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
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

int add_listener(int group, int fd)
{
	int number = free_listener(), result;
	struct stat status;

	if (number < 0)
		return number;
	if (fstat(fd, &status) < 0)
		return -errno;
	tables->listeners[number].inode = status.st_ino;
	tables->listeners[number].group = group + 1;
	result = watch_listener(companion.watched, number, fd);
	if (result == 0)
		return number;
	tables->listeners[number].group = 0;
	return result;
}

void remove_listener(int number, int fd)
{
	unwatch_listener(companion.watched, fd);
	tables->listeners[number].group = 0;
}

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

void sweep(void)
{
	static bool held[MAX_LISTENERS];

	memset(held, 0, sizeof(held));
	if (list_held(companion.watched, held) < 0)
		return;
	for (int i = 0; i < MAX_LISTENERS; i++)
		if (tables->listeners[i].group != 0 && !held[i])
			tables->listeners[i].group = 0;
	for (int i = 0; i < MAX_GROUPS; i++)
		if (tables->groups[i].used && count_listeners(i) == 0)
			close_group(i);
}
