/* One launch, as the addon makes it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "../../../native/runtime/call.h"
#include "faults.h"

#define FIRST_FD 3
#define MAX_FDS 256
#define FAILED 125

int __real_execve(const char *path, char *const argv[], char *const environment[]);
_Noreturn void __real__exit(int status);

/* Both end the launch, so they write down how far it came. */
int __wrap_execve(const char *path, char *const argv[], char *const environment[])
{
	notes->calls = alf_calls;
	return __real_execve(path, argv, environment);
}

_Noreturn void __wrap__exit(int status)
{
	notes->calls = alf_calls;
	__real__exit(status);
}

/* The rules of these tests: clients from 127.0.0.1 only. */
static bool is_allowed(void *context, const struct alf_connection *connection)
{
	struct sockaddr_in from;

	(void)context;
	memcpy(&from, &connection->from, sizeof(from));
	return from.sin_family == AF_INET && from.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
}

/* Not by /proc: another user may not read it there. */
static int count_descriptors(void)
{
	int count = 0;

	for (int fd = FIRST_FD; fd < MAX_FDS; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* Puts them where the plan says. They are closed with the launch. */
static void place(const struct alf_plan *plan, const struct inherited *inherited)
{
	for (uint32_t i = 0; i < plan->listener_count; i++) {
		if (inherited->fds[i] >= 0 && dup2(inherited->fds[i], plan->listeners[i].fd) < 0)
			fail("dup2");
	}
}

static void launch_once(struct alf_launch *launch, const struct alf_bytes *encoded)
{
	struct alf_target target;

	if (alf_open(launch) < 0 || alf_settle(launch, is_allowed, NULL) < 0)
		return;
	if (alf_decode_target(&target, encoded->data, encoded->size) < 0)
		fail("target");
	alf_become(launch, &target);
	alf_release_target(&target);
}

void attempt(const struct alf_input *input, const struct inherited *inherited, unsigned int failing, int error, int program)
{
	struct alf_launch launch;
	struct alf_plan plan;
	int open;

	if (alf_decode_plan(&plan, input->plan.data, input->plan.size) < 0)
		fail("plan");
	open = count_descriptors();
	place(&plan, inherited);
	if (alf_begin(&launch, &plan, program) < 0)
		fail("begin");
	alf_calls = 0;
	alf_failing_call = failing;
	alf_failing_errno = error;
	launch_once(&launch, &input->target);
	notes->failed = true;
	notes->failure = launch.failure;
	alf_close(&launch);
	notes->left = count_descriptors() - open;
	_exit(FAILED);
}
