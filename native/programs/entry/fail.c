/* The one line about what failed. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "entry.h"
#include "../../runtime/shown.h"

#define FAILED 125

static const char *hint_of(int error)
{
	switch (error) {
	case EPERM:
	case ENOSYS:
		return "a seccomp filter of the container or the unit may forbid the call";
	case EMFILE:
		return "the limit on open files may be too low: see ulimit -n";
	case E2BIG:
		return "pass fewer or shorter arguments and variables";
	default:
		return NULL;
	}
}

void fail(const char *what, const char *object, int error, const char *hint)
{
	char shown[ALF_SHOWN_SIZE], reason[256] = "";

	if (error != 0)
		snprintf(reason, sizeof(reason), ": %s (%s)", strerror(error), strerrorname_np(error));
	if (!hint)
		hint = hint_of(error);
	/* The status is 125 even if standard error is a pipe without a reader. */
	signal(SIGPIPE, SIG_IGN);
	dprintf(STDERR_FILENO, "alfwrapper: unable to %s%s%s%s\n%s%s%s", what, *object ? " " : "",
		alf_shown(object, shown), reason, hint ? "  hint: " : "", hint ? hint : "", hint ? "\n" : "");
	_exit(FAILED);
}
