/*
 * Which listeners are still held by some process.
 *
 * Tables of sockets (/proc/net/tcp, inet_diag) cannot tell for certain: reading them races with other users who open and
 * close sockets in the same hash bucket, and a listener that was shut down is in none of them but can listen again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "companion.h"

#define ENTRY "tfd:"

int watch_listeners(const struct groups *groups)
{
	int watched = epoll_create1(EPOLL_CLOEXEC), held;

	check(watched);
	for (int i = 0; i < groups->count; i++) {
		struct group *group = &groups->list[i];
		/* No event is of interest: only that the entry vanishes with the file. */
		struct epoll_event none = { .events = 0 };
		struct stat listener;

		check(fstat(group->listener, &listener));
		group->inode = listener.st_ino;
		check(epoll_ctl(watched, EPOLL_CTL_ADD, group->listener, &none));
	}
	held = listeners_held(watched);
	errno = held < 0 ? -held : ENOSYS;
	check(held == 1 ? 0 : -1);
	for (int i = 0; i < groups->count; i++)
		close(groups->list[i].listener);
	return watched;
}

/* Opens what the kernel says of the set; refuses a file that another file system put in its place. */
static int open_list(int watched)
{
	char path[64];
	struct statfs where;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", watched);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &where) == 0 && where.f_type == PROC_SUPER_MAGIC)
		return fd;
	close(fd);
	return -ENOSYS;
}

int listeners_held(int watched)
{
	/* The entries follow three or four short lines. */
	char text[512];
	size_t have = 0;
	ssize_t got = 0;
	int fd = open_list(watched);

	if (fd < 0)
		return fd;
	while (have < sizeof(text) - 1 && (got = read(fd, text + have, sizeof(text) - 1 - have)) > 0)
		have += got;
	got = got < 0 ? -errno : 0;
	close(fd);
	if (got < 0)
		return (int)got;
	text[have] = 0;
	/* "pos:" heads every such file: without it this is not the list. */
	if (strncmp(text, "pos:", 4) != 0)
		return -ENOSYS;
	return strstr(text, ENTRY) != NULL;
}
