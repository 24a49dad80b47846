/*
 * Finds the processes that hold a listener: workers and daemons that left the target's process group, or changed their user.
 *
 * Needs the same user, or CAP_SYS_PTRACE: /proc/PID/fd of other processes is closed. All files of a process are opened below
 * its directory, which the kernel never uses for a later process with the same id.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "companion.h"

#define NO_USER ((uid_t)-1)

/* Whether a descriptor of a process is one of the listeners. */
static int names_listener(int directory, const char *name)
{
	char text[64];
	ssize_t size = readlinkat(directory, name, text, sizeof(text) - 1);
	unsigned long inode;

	if (size < 0)
		return 0;
	text[size] = 0;
	return sscanf(text, "socket:[%lu]", &inode) == 1 && is_listener(inode);
}

static DIR *open_directory(int at, const char *path)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);

	if (directory == NULL && fd >= 0)
		close(fd);
	return directory;
}

/* Whether a descriptor table contains a listener; -1 if it is empty or cannot be read. */
static int table_has_listener(int at, const char *path)
{
	DIR *files = open_directory(at, path);
	struct dirent *entry;
	int result = -1;

	if (files == NULL)
		return -1;
	while (result != 1 && (entry = readdir(files)))
		if (entry->d_name[0] != '.')
			result = names_listener(dirfd(files), entry->d_name);
	closedir(files);
	return result;
}

/* Whether a process holds a listener. If its first thread has ended, that thread's table is empty. */
static int holds_listener(int process)
{
	int result = table_has_listener(process, "fd");
	DIR *threads = result < 0 ? open_directory(process, "task") : NULL;
	struct dirent *entry;
	char path[32];

	if (threads == NULL)
		return result == 1;
	while (result != 1 && (entry = readdir(threads))) {
		snprintf(path, sizeof(path), "%.20s/fd", entry->d_name);
		if (entry->d_name[0] != '.')
			result = table_has_listener(dirfd(threads), path);
	}
	closedir(threads);
	return result == 1;
}

/* Reads /proc/PID/status. Returns the value of a field in it; NULL if the process has ended. */
static const char *read_status(int process, const char *field, char *text, size_t capacity)
{
	int fd = openat(process, "status", O_RDONLY | O_CLOEXEC);
	ssize_t size;
	const char *line;

	if (fd < 0)
		return NULL;
	size = read(fd, text, capacity - 1);
	close(fd);
	text[size > 0 ? size : 0] = 0;
	line = strstr(text, field);
	return line ? line + strlen(field) : NULL;
}

/* The real user of a process. */
static uid_t user_of(int process)
{
	char text[1024];
	const char *value = read_status(process, "\nUid:\t", text, sizeof(text));

	return value ? (uid_t)strtoul(value, NULL, 10) : NO_USER;
}

/*
 * Ties a process: as this user, which suffices for root, and as the user of the process, which a user namespace asks for.
 * Returns -errno if memory, descriptors or room for a tie are missing.
 */
static int tie_holder(int process, pid_t pid)
{
	uid_t uid = user_of(process);
	int first = tie(pid, NO_USER);
	int second = uid == NO_USER || uid == getuid() ? -1 : tie(pid, uid);

	if (user_of(process) != NO_USER)
		return first < 0 && first != -ESRCH ? first : 0;
	/* It has ended, and the ties may be for another process with its id. */
	if (first >= 0)
		untie(first);
	if (second >= 0)
		untie(second);
	return 0;
}

int tie_process(pid_t pid)
{
	char path[32];
	int process, result = -ESRCH;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	process = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return result;
	result = tie_holder(process, pid);
	if (result == -ENOSPC) {
		/* Many ties may be for processes that have ended. */
		survey();
		result = tie_holder(process, pid);
	}
	close(process);
	return result;
}

/* Ties the process if it holds a listener. Returns 0 or -errno. */
static int look_into(int proc, const char *name)
{
	int process = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;

	if (process < 0)
		return 0;
	if (holds_listener(process))
		result = tie_holder(process, atoi(name));
	close(process);
	/* Even if the table is full, the ties of the generation before are dropped. */
	return result == -ENOSPC ? 0 : result;
}

/* Whether process ids in /proc are those of this PID namespace: `NSpid:` lists one for each namespace below /proc's. */
static int lists_own_ids(int proc)
{
	int self = openat(proc, "self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char text[1024];
	const char *value = self < 0 ? NULL : read_status(self, "\nNSpid:\t", text, sizeof(text));

	if (self >= 0)
		close(self);
	return value != NULL && value[strspn(value, "0123456789")] == '\n';
}

void survey(void)
{
	DIR *proc = open_directory(AT_FDCWD, "/proc");
	struct dirent *entry = NULL;
	int failed = 0;

	if (proc == NULL)
		return;
	if (lists_own_ids(dirfd(proc))) {
		begin_ties();
		while (!has_partner_ended() && (entry = readdir(proc)))
			if (atoi(entry->d_name) > 0 && look_into(dirfd(proc), entry->d_name) < 0)
				failed = 1;
		/* An entry is left if the partner has ended: it is replaced first. */
		if (entry == NULL && !failed && !has_partner_ended())
			drop_old_ties();
	}
	closedir(proc);
}
