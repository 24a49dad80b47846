/*
 * Calls on processes. Settings:
 *
 *   answer=NUMBER     what the companion writes: its process id, or a negated errno; 77 if not set
 *   subreaper=1       this process is a child subreaper
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "script.h"

#define THIS_PROCESS 1000
#define COMPANION_CHILD 1001
#define COMPANION "77"

pid_t __wrap_getpid(void) { return THIS_PROCESS; }

int __wrap_prctl(int option, ...)
{
	unsigned long first, second;
	va_list list;

	va_start(list, option);
	first = va_arg(list, unsigned long);
	second = va_arg(list, unsigned long);
	va_end(list);
	switch (option) {
	case PR_GET_CHILD_SUBREAPER:
		*(int *)first = atoi(setting("subreaper", "0")); /* NOLINT: prctl(2) passes pointers as numbers. */
		return (int)answer_call("prctl", 0, "PR_GET_CHILD_SUBREAPER");
	case PR_SET_CHILD_SUBREAPER:
		return (int)answer_call("prctl", 0, "PR_SET_CHILD_SUBREAPER, %u", (unsigned int)first);
	case PR_SET_NO_NEW_PRIVS:
		return (int)answer_call("prctl", 0, "PR_SET_NO_NEW_PRIVS, %u", (unsigned int)first);
	case PR_CAPBSET_DROP:
		return (int)answer_call("prctl", 0, "PR_CAPBSET_DROP, %lu", first);
	case PR_CAP_AMBIENT:
		return (int)answer_call("prctl", 0, "PR_CAP_AMBIENT, %s, %lu",
					(unsigned int)first == PR_CAP_AMBIENT_LOWER ? "PR_CAP_AMBIENT_LOWER" : "?", second);
	}
	abort();
}

static long set_groups(size_t count, const uint32_t *groups)
{
	char text[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < count && used < sizeof(text); i++) {
		uint32_t group;

		memcpy(&group, &groups[i], sizeof(group));
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u", i > 0 ? ", " : "", group);
	}
	return answer_call("setgroups", 0, "%s", text);
}

static uint64_t join(uint32_t low, uint32_t high) { return (uint64_t)high << 32 | low; }

static long set_capabilities(const struct __user_cap_data_struct *data)
{
	return answer_call("capset", 0, "%llx, %llx, %llx",
			   (unsigned long long)join(data[0].effective, data[1].effective),
			   (unsigned long long)join(data[0].permitted, data[1].permitted),
			   (unsigned long long)join(data[0].inheritable, data[1].inheritable));
}

static long change_range(unsigned int first, unsigned int last, unsigned int flags)
{
	return answer_call("close_range", 0, "%d, %d,%s%s", (int)first, (int)last, flags & 2 ? " UNSHARE" : "",
			   flags & 4 ? " CLOEXEC" : "");
}

static long install_filter(const struct sock_fprog *program)
{
	return answer_call("seccomp", 0, "%u instructions", program->len);
}

long __wrap_syscall(long number, ...)
{
	unsigned long argument[4];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 4; i++)
		argument[i] = va_arg(list, unsigned long);
	va_end(list);
	switch (number) {
	case SYS_membarrier:
		return answer_call("membarrier", 0, "%s", "");
	case SYS_pidfd_open:
		return answer_call("pidfd_open", NEW_FD, "%d", (int)argument[0]);
	case SYS_seccomp:
		return install_filter((const struct sock_fprog *)argument[2]);
	case SYS_setgroups:
		return set_groups(argument[0], (const uint32_t *)argument[1]);
	case SYS_setresgid:
		return answer_call("setresgid", 0, "%u, %u, %u", (unsigned int)argument[0], (unsigned int)argument[1],
				   (unsigned int)argument[2]);
	case SYS_setresuid:
		return answer_call("setresuid", 0, "%u, %u, %u", (unsigned int)argument[0], (unsigned int)argument[1],
				   (unsigned int)argument[2]);
	case SYS_capset:
		return set_capabilities((const struct __user_cap_data_struct *)argument[1]);
	case SYS_close_range:
		return change_range((unsigned int)argument[0], (unsigned int)argument[1], (unsigned int)argument[2]);
	case SYS_rt_sigprocmask:
		return answer_call("rt_sigprocmask", 0, "%llx", *(unsigned long long *)argument[1]);
	}
	abort();
}

int __wrap_pipe2(int fds[2], int flags)
{
	long fd = answer_call("pipe2", NEW_FD, "%s", flags == O_CLOEXEC ? "O_CLOEXEC" : "?");

	if (fd < 0)
		return -1;
	/* Its second end: not a call of its own, so at a number that no other call gives. */
	fds[0] = (int)fd;
	fds[1] = (int)fd + 100;
	mark_open(fds[1]);
	return 0;
}

int __wrap_posix_spawn(pid_t *child, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const argv[], char *const environment[])
{
	char text[512];
	size_t used = 0;
	long result;

	(void)actions;
	(void)attributes;
	for (int i = 0; argv[i] != NULL && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i > 0 ? " " : "", argv[i]);
	result = answer_call("posix_spawn", 0, "%s, %s%s", path, text, environment[0] == NULL ? "" : ", environment");
	*child = COMPANION_CHILD;
	return result < 0 ? errno : 0;
}

/* The answer of the companion. */
ssize_t __wrap_read(int fd, void *buffer, size_t size)
{
	int answer = atoi(setting("answer", COMPANION));

	if (size != sizeof(answer))
		abort();
	memcpy(buffer, &answer, size);
	return answer_call("read", (long)size, "%d, %zu bytes", fd, size);
}

int __wrap_kill(pid_t pid, int signal)
{
	return (int)answer_call("kill", 0, "%d, %s", pid, signal == SIGKILL ? "SIGKILL" : "?");
}

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	(void)status;
	(void)options;
	return (pid_t)answer_call("waitpid", pid, "%d", pid);
}
