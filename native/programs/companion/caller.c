/*
 * The thread that made a supervised call. Its numbers are trusted no longer than the kernel says that the call still waits:
 * afterwards they may be another thread's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "companion.h"

/* Since Linux 6.9: a thread other than the first of its process, which may have descriptors of its own. */
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

static bool still_waits(const struct seccomp_notif *call)
{
	return ioctl(notifications(), SECCOMP_IOCTL_NOTIF_ID_VALID, &call->id) == 0;
}

/* The value of a field of /proc/THREAD/status, NULL if the thread has ended. The text lasts until the next call. */
static const char *status_of(pid_t thread, const char *field)
{
	static char text[4096];
	char path[32];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)thread);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	size = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[size > 0 ? size : 0] = 0;
	field = strstr(text, field);
	return field == NULL ? NULL : strchr(field, '\t');
}

pid_t process_of(pid_t thread)
{
	const char *value = status_of(thread, "\nTgid:");

	return value == NULL ? -1 : (pid_t)atoi(value);
}

/* Opens the thread; before Linux 6.9 its process, which has the same descriptors unless the thread has its own. */
static int open_caller(pid_t thread)
{
	int pidfd = (int)syscall(SYS_pidfd_open, thread, PIDFD_THREAD);

	if (pidfd < 0 && errno == EINVAL)
		pidfd = (int)syscall(SYS_pidfd_open, process_of(thread), 0);
	return pidfd < 0 ? -errno : pidfd;
}

int fetch_socket(const struct seccomp_notif *call, int fd)
{
	/* 0: it is in a PID namespace that this one does not see. */
	int pidfd = call->pid == 0 ? -EPERM : open_caller((pid_t)call->pid), result;

	if (pidfd < 0)
		return pidfd;
	result = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (result < 0)
		result = -errno;
	close(pidfd);
	if (result >= 0 && !still_waits(call)) {
		close(result);
		return -ESRCH;
	}
	return result;
}

int read_memory(const struct seccomp_notif *call, uint64_t address, void *buffer, size_t size)
{
	struct iovec to = { buffer, size }, from = { (void *)(uintptr_t)address, size };

	if (size == 0)
		return 0;
	if (process_vm_readv((pid_t)call->pid, &to, 1, &from, 1, 0) != (ssize_t)size)
		return -EFAULT;
	return still_waits(call) ? 0 : -ESRCH;
}

/* Whether a thread is in the same namespace of a kind as the companion: `user`, `net`. */
static bool shares_namespace(pid_t thread, const char *kind)
{
	char path[40], own[40];
	struct stat theirs, ours;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)thread, kind);
	snprintf(own, sizeof(own), "/proc/self/ns/%s", kind);
	return stat(path, &theirs) == 0 && stat(own, &ours) == 0 && theirs.st_ino == ours.st_ino;
}

bool is_in_same_network(const struct seccomp_notif *call)
{
	return shares_namespace((pid_t)call->pid, "net") && still_waits(call);
}

long inode_of(const struct seccomp_notif *call, int fd)
{
	char path[48], text[64];
	unsigned long inode;
	ssize_t size;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)call->pid, fd);
	size = readlink(path, text, sizeof(text) - 1);
	if (size < 0)
		return errno == ENOENT ? -EBADF : -EPERM;
	text[size] = 0;
	if (!still_waits(call))
		return -ESRCH;
	return sscanf(text, "socket:[%lu]", &inode) == 1 ? (long)inode : -ENOTSOCK;
}

bool may_bind_low_ports(const struct seccomp_notif *call)
{
	const char *value = status_of((pid_t)call->pid, "\nCapEff:");
	uint64_t effective = value == NULL ? 0 : strtoull(value + 1, NULL, 16);

	return (effective >> CAP_NET_BIND_SERVICE & 1) != 0 && shares_namespace((pid_t)call->pid, "user") && still_waits(call);
}
