/* Finding node and becoming it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entry.h"

/* Where shells look if there is no PATH. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define MAX_FLAGS 16

/* Makes V8 interpret. Every version knows it; older ones print a warning, which a flag that newer ones lack prevents. */
#define INTERPRET "--jitless"

/* The flags that the build has tried, and the inode of the node that it has tried them on. */
struct build {
	unsigned long long node;
	char *flags[MAX_FLAGS];
	size_t flag_count;
	int interprets;
};

const char *find_root(void)
{
	static char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path));

	if (length == sizeof(path))
		errno = ENAMETOOLONG;
	if (length < 0 || length == sizeof(path))
		fail("find its own directory (readlink of /proc/self/exe)", "", errno, NULL);
	path[length] = 0;
	char *slash = strrchr(path, '/');
	if (slash)
		*slash = 0;
	return path;
}

static void check_built(const char *root, const char *script)
{
	int fd = open(script, O_RDONLY | O_CLOEXEC);
	char hint[PATH_MAX + 64];

	if (fd >= 0) {
		close(fd);
		return;
	}
	snprintf(hint, sizeof(hint), "it is not built yet, run: cd %s && scripts/setup.sh", root);
	fail("read", script, errno, errno == ENOENT ? hint : NULL);
}

/*
 * Reads INODE FLAG FLAG…, and from a second line the flags for a process that may not generate code. If that does not work,
 * node starts without the flags, which takes longer.
 */
static struct build read_build(const char *root)
{
	static char text[1024];
	struct build build = { .interprets = !can_generate_code() };
	int fd = open(join(root, "/dist/node-flags"), O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	char *rest = text, *line, *flag;

	if (fd >= 0)
		close(fd);
	if (length < 0)
		return build;
	build.node = strtoull(text, &rest, 10);
	line = strsep(&rest, "\n");
	if (build.interprets)
		line = strsep(&rest, "\n");
	while (build.flag_count < MAX_FLAGS && (flag = strsep(&line, " ")))
		if (*flag)
			build.flags[build.flag_count++] = flag;
	return build;
}

/* Returns if the file is not executable. */
static void try_node(char *file, const struct build *build, char *script, char **arguments, char **environment)
{
	struct stat status;
	size_t count = 0, used = 0;

	if (stat(file, &status) < 0 || !S_ISREG(status.st_mode))
		return;
	while (arguments[count])
		count++;
	char **argv = allocate((MAX_FLAGS + count + 3) * sizeof(*argv));
	argv[used++] = file;
	for (size_t i = 0; status.st_ino == build->node && i < build->flag_count; i++)
		argv[used++] = build->flags[i];
	if (used == 1 && build->interprets)
		argv[used++] = INTERPRET;
	argv[used++] = script;
	memcpy(argv + used, arguments, count * sizeof(*argv));
	execve(file, argv, environment);
	if (errno != EACCES)
		fail("execute", file, errno, NULL);
}

void become_node(const char *root, char **arguments, char **environment)
{
	const char *path = getenv("PATH");
	char *script = join(root, "/dist/alfwrapper.cjs");

	check_built(root, script);
	struct build build = read_build(root);
	char *directories = join("", path ? path : DEFAULT_PATH);
	for (char *directory; (directory = strsep(&directories, ":"));)
		if (directory[0] == '/')
			try_node(join(directory, "/node"), &build, script, arguments, environment);
	fail("find node in PATH", "", 0,
	     "install Node.js 18.19 or later; empty and relative directories in PATH are skipped");
}
