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
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "companion.h"

/* An entry: `tfd: 7 events: 0 data: 5a1c pos:0 ino:5a1c sdev:9`, numbers padded. */
#define ENTRY "tfd:"
#define DATA "data:"

int open_watch(void)
{
	int watched = epoll_create1(EPOLL_CLOEXEC);

	return watched < 0 ? -errno : watched;
}

int watch_socket(int watched, int fd, ino_t *inode)
{
	struct epoll_event none = { .events = 0 };
	struct stat status;

	if (fstat(fd, &status) < 0)
		return -errno;
	*inode = status.st_ino;
	/* No event is of interest: only that the entry vanishes with the file. */
	none.data.u64 = status.st_ino;
	/* It is there already if it was to listen before. */
	return epoll_ctl(watched, EPOLL_CTL_ADD, fd, &none) < 0 && errno != EEXIST ? -errno : 0;
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

/* Reads an entry. Returns 1 for one, 0 for another line, -EPROTO if it is not as known. */
static int take_line(const char *line, void (*each)(ino_t inode))
{
	const char *data;
	char *end;
	unsigned long long number;

	if (strncmp(line, ENTRY, strlen(ENTRY)) != 0)
		return 0;
	data = strstr(line, DATA);
	if (data == NULL)
		return -EPROTO;
	number = strtoull(data + strlen(DATA), &end, 16);
	if (end == data + strlen(DATA))
		return -EPROTO;
	each((ino_t)number);
	return 1;
}

/* The kernel makes the whole text at once, so it is consistent although it is read in pieces. */
int list_held(int watched, void (*each)(ino_t inode))
{
	int fd = open_list(watched), count = 0, result = 0;
	char line[256];
	FILE *list;

	if (fd < 0)
		return fd;
	list = fdopen(fd, "r");
	if (list == NULL) {
		close(fd);
		return -ENOMEM;
	}
	/* "pos:" heads every such file: without it this is not the list. */
	if (fgets(line, sizeof(line), list) == NULL || strncmp(line, "pos:", 4) != 0)
		result = -ENOSYS;
	while (result >= 0 && fgets(line, sizeof(line), list) != NULL) {
		result = take_line(line, each);
		count += result > 0;
	}
	if (ferror(list))
		result = -EIO;
	fclose(list);
	return result < 0 ? result : count;
}
