/* The state of this process that node is going to change. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "entry.h"

#define DESCRIPTORS "/proc/self/fd"

/* The kernel's own mask: sigprocmask(3) hides the signals that the C library uses itself. */
static uint64_t blocked_signals(void)
{
	uint64_t mask = 0;

	if (syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof(mask)) < 0)
		fail("read the signal mask (rt_sigprocmask)", "", errno, NULL);
	return mask;
}

static uint64_t ignored_signals(void)
{
	uint64_t mask = 0;

	for (int number = 1; number < NSIG; number++) {
		struct sigaction action;

		/* The C library's own, between the standard and the real-time signals: it refuses to tell. */
		if (number > SIGSYS && number < SIGRTMIN)
			continue;
		if (sigaction(number, NULL, &action) < 0)
			fail("read signal dispositions (rt_sigaction)", "", errno, NULL);
		if (action.sa_handler == SIG_IGN)
			mask |= UINT64_C(1) << (number - 1);
	}
	return mask;
}

static struct rlimit open_files_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		fail("read the limit on open files (getrlimit)", "", errno, NULL);
	return limit;
}

/* Every open descriptor was inherited, but for the one that lists them: that one is close-on-exec. */
static void print_descriptors(FILE *record)
{
	DIR *directory = opendir(DESCRIPTORS);
	struct dirent *entry;

	if (!directory)
		fail("list", DESCRIPTORS, errno, errno == ENOENT ? "mount proc on /proc" : NULL);
	while (errno = 0, (entry = readdir(directory))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		int fd = atoi(entry->d_name);
		int flags = fcntl(fd, F_GETFD);
		if (flags < 0)
			fail("read the flags of descriptor", entry->d_name, errno, NULL);
		if (!(flags & FD_CLOEXEC))
			fprintf(record, "%d,", fd);
	}
	if (errno != 0)
		fail("list", DESCRIPTORS, errno, NULL);
	closedir(directory);
}

char *record_state(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *record = open_memstream(&text, &size);

	if (!record)
		fail("allocate memory", "", ENOMEM, NULL);
	uint64_t blocked = blocked_signals(), ignored = ignored_signals();
	struct rlimit limit = open_files_limit();
	fprintf(record, "ALFWRAPPER_STATE=%016llx %016llx %llu:%llu ", (unsigned long long)blocked,
		(unsigned long long)ignored, (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
	print_descriptors(record);
	int is_incomplete = ferror(record);
	if (fclose(record) != 0 || is_incomplete)
		fail("allocate memory", "", ENOMEM, NULL);
	return text;
}
