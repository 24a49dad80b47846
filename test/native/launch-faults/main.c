/*
 * Launches again and again, each time with another system call of the runtime failing: first none, then the first, the
 * second, ..., until a launch does not make as many.
 *
 *   launch-faults ERRNO STALE|- ADDRESS... <PLAN TARGET
 *
 * STALE is a path at which each launch finds the socket of a process that has ended. From each ADDRESS a connection waits on
 * each inherited listener of the plan. Prints a line of JSON for each launch.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"

/* Listeners of a target are at 3, 4, ... */
#define FIRST_FREE_FD 32

struct notes *notes;

/* A launch replaces itself: what is allocated then is no leak. Those of the runtime are looked for by fake-kernel. */
const char *__asan_default_options(void) { return "detect_leaks=0"; }

void fail(const char *what)
{
	perror(what);
	_exit(EXIT_FAILURE);
}

int move_up(int fd)
{
	int moved = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);

	if (moved < 0)
		fail("descriptor");
	close(fd);
	return moved;
}

static void leave_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		fail(path);
	close(fd);
}

/* The files of UNIX listeners that are not inherited. */
static const char *file_of(const struct alf_listener *listener)
{
	const char *path = (const char *)listener->address.data + offsetof(struct sockaddr_un, sun_path);

	return listener->family == AF_UNIX && !listener->inherited && path[0] == '/' ? path : NULL;
}

static void remove_files(const struct alf_plan *plan)
{
	for (uint32_t i = 0; i < plan->listener_count; i++)
		if (file_of(&plan->listeners[i]) != NULL)
			unlink(file_of(&plan->listeners[i]));
}

static int count_files(const struct alf_plan *plan)
{
	int count = 0;

	for (uint32_t i = 0; i < plan->listener_count; i++)
		count += file_of(&plan->listeners[i]) != NULL && access(file_of(&plan->listeners[i]), F_OK) == 0;
	return count;
}

static void print_text(const char *name, const char *text)
{
	printf(",\"%s\":\"", name);
	for (; *text != 0; text++) {
		if (*text == '"' || *text == '\\' || (unsigned char)*text < ' ')
			printf("\\u%04x", (unsigned char)*text);
		else
			putchar(*text);
	}
	putchar('"');
}

static void print_report(unsigned int n, const struct end *end, bool changed, int files)
{
	const struct alf_failure *failure = &notes->failure;

	printf("{\"n\":%u,\"calls\":%u", n, notes->calls);
	if (WIFSIGNALED(end->status))
		printf(",\"signal\":%d", WTERMSIG(end->status));
	else
		printf(",\"status\":%d", WEXITSTATUS(end->status));
	if (notes->failed)
		printf(",\"failure\":{\"step\":\"%s\",\"part\":%d,\"listener\":%u,\"index\":%u,\"errno\":%d}",
		       alf_step_name(failure->step), (int)failure->part, failure->listener, failure->index, failure->error);
	print_text("stdout", end->output);
	print_text("stderr", end->error);
	printf(",\"left\":%d,\"alone\":%s,\"changed\":%s,\"files\":%d}\n", notes->left, end->alone ? "true" : "false",
	       changed ? "true" : "false", files);
	fflush(stdout);
}

static bool uses_program(const struct alf_plan *plan)
{
	for (uint32_t i = 0; i < plan->listener_count; i++)
		if (plan->listeners[i].tier == ALF_TIER_EBPF)
			return true;
	return false;
}

static bool try_once(const struct alf_input *input, const struct alf_plan *plan, unsigned int n, char **words, int count,
		     int program)
{
	struct inherited inherited;
	struct end end;
	bool reached;

	*notes = (struct notes){ .calls = UINT_MAX };
	remove_files(plan);
	if (words[1][0] == '/')
		leave_socket(words[1]);
	open_inherited(&inherited, plan, words + 2, count - 2);
	end = watch(input, &inherited, n, atoi(words[0]), program);
	reached = n <= notes->calls;
	if (reached)
		print_report(n, &end, is_changed(&inherited), count_files(plan));
	close_inherited(&inherited);
	return reached && notes->calls != UINT_MAX;
}

int main(int argc, char **argv)
{
	struct alf_input input = alf_read_input();
	struct alf_plan plan;
	int program = -1;

	if (argc < 3 || alf_decode_plan(&plan, input.plan.data, input.plan.size) < 0 || plan.listener_count > MAX_LISTENERS)
		return EXIT_FAILURE;
	notes = mmap(NULL, sizeof(*notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (notes == MAP_FAILED || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		fail("set-up");
	/* The runtime keeps it from the target; here it would be a line for each connection that is reset. */
	signal(SIGPIPE, SIG_IGN);
	if (uses_program(&plan))
		program = move_up(load_program());
	for (unsigned int n = 0; try_once(&input, &plan, n, argv + 1, argc - 1, program); n++)
		;
	remove_files(&plan);
	return EXIT_SUCCESS;
}
