/*
 * Calls on files. Settings:
 *
 *   file=regular   what lstat(2) finds; a socket if not set
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "script.h"

int __wrap_unlink(const char *path) { return (int)answer_call("unlink", 0, "%s", path); }

int __wrap_lstat(const char *path, struct stat *file)
{
	file->st_mode = strcmp(setting("file", "socket"), "regular") == 0 ? S_IFREG : S_IFSOCK;
	return (int)answer_call("lstat", 0, "%s", path);
}

mode_t __wrap_umask(mode_t mask)
{
	static mode_t current = 022;
	mode_t before = current;

	answer_call("umask", 0, "%04o", mask);
	current = mask;
	return before;
}

int __wrap_chdir(const char *path) { return (int)answer_call("chdir", 0, "%s", path); }
