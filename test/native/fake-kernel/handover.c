/* Calls of the handover only. An execve(2) that is answered with 0, and _exit(2), end the program. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "script.h"

int __wrap_dup2(int from, int to)
{
	int result = (int)answer_call("dup2", to, "%d, %d", from, to);

	if (result >= 0)
		mark_open(to);
	return result;
}

int __wrap_getrlimit(int resource, struct rlimit *limit)
{
	limit->rlim_cur = limit->rlim_max = 64;
	return (int)answer_call("getrlimit", 0, "%s", resource == RLIMIT_MEMLOCK ? "RLIMIT_MEMLOCK" : "?");
}

int __wrap_setrlimit(int resource, const struct rlimit *limit)
{
	return (int)answer_call("setrlimit", 0, "%s, %llu, %llu", resource == RLIMIT_NOFILE ? "RLIMIT_NOFILE" : "?",
				(unsigned long long)limit->rlim_cur, (unsigned long long)limit->rlim_max);
}

int __wrap_sigaction(int number, const struct sigaction *action, struct sigaction *before)
{
	(void)before;
	return (int)answer_call("sigaction", 0, "%d, %s", number, action->sa_handler == SIG_IGN ? "SIG_IGN" : "SIG_DFL");
}

static void print_strings(const char *what, char *const *strings)
{
	for (; *strings != NULL; strings++)
		print_result("%s %s", what, *strings);
}

int __wrap_execve(const char *path, char *const argv[], char *const environment[])
{
	int result = (int)answer_call("execve", 0, "%s", path);

	if (result < 0)
		return result;
	print_strings("argument", argv);
	print_strings("variable", environment);
	print_open();
	exit(EXIT_SUCCESS);
}

/* A line of its own ends with a newline already; one inside is printed as \n. */
ssize_t __wrap_write(int fd, const void *buffer, size_t size)
{
	const char *text = buffer;
	char shown[1024];
	size_t used = 0, end = size;

	while (end > 0 && text[end - 1] == '\n')
		end--;
	for (size_t i = 0; i < end && used + 2 < sizeof(shown); i++) {
		if (text[i] == '\n')
			shown[used++] = '\\';
		shown[used++] = text[i] == '\n' ? 'n' : text[i];
	}
	return answer_call("write", (long)size, "%d, %.*s", fd, (int)used, shown);
}

_Noreturn void __wrap__exit(int status)
{
	answer_call("_exit", 0, "%d", status);
	flush_calls();
	exit(EXIT_SUCCESS);
}
