/*
 * Carries out a plan on a kernel that only prints the calls and answers as its command line says.
 *
 *   fake-kernel WORD... <PLAN      see script.h for the words; a target may follow the plan
 *
 * Settings: program=FD is the program of tier ebpf, rules=1 lets rules decide about waiting connections.
 * Prints a line for each call, and lines that begin with `= `: the phases and what they came to.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../shared/input.h"
#include "rules.h"
#include "script.h"
#include "words.h"

static void print_failure(enum alf_step step, const struct alf_failure *failure)
{
	print_result("failure %s %d %u %u %d", alf_step_name(step), (int)failure->part, failure->listener, failure->index,
		     failure->error);
}

static void print_sockets(const struct alf_launch *launch)
{
	if (launch->companion > 0)
		print_result("companion %d", (int)launch->companion);
	for (uint32_t i = 0; i < launch->opened; i++) {
		const struct alf_socket *socket = &launch->sockets[i];

		print_result("socket %d %d %d", socket->fd, socket->sink, socket->peer);
	}
}

static void print_removed(const struct alf_launch *launch)
{
	for (uint32_t i = 0; i < launch->opened; i++) {
		const struct alf_socket *socket = &launch->sockets[i];

		if (socket->removed > 0)
			print_result("removed %u %u %d %d", i, socket->removed, (int)socket->reason, socket->reason_error);
	}
}

static int open_launch(struct alf_launch *launch)
{
	int result;

	print_result("open");
	result = alf_open(launch);
	print_sockets(launch);
	return result;
}

static int settle(struct alf_launch *launch)
{
	int result;

	print_result("settle");
	result = alf_settle(launch, setting("rules", NULL) == NULL ? NULL : is_allowed, NULL);
	print_removed(launch);
	return result;
}

static int become(struct alf_launch *launch, const struct alf_bytes *encoded)
{
	struct alf_target target;
	int result;

	if (encoded->size == 0)
		return 0;
	print_result("become");
	if (alf_decode_target(&target, encoded->data, encoded->size) < 0)
		abort();
	result = alf_become(launch, &target);
	alf_release_target(&target);
	return result;
}

int main(int argc, char **argv)
{
	struct alf_input input = alf_read_input();
	struct alf_launch launch;
	struct alf_plan plan;
	int error;

	read_script(argc - 1, argv + 1);
	error = alf_decode_plan(&plan, input.plan.data, input.plan.size);
	if (error < 0) {
		const struct alf_failure failure = { .error = -error };

		print_failure(ALF_STEP_PLAN, &failure);
		free(input.memory);
		return EXIT_SUCCESS;
	}
	for (uint32_t i = 0; i < plan.listener_count; i++)
		if (plan.listeners[i].inherited)
			mark_open(plan.listeners[i].fd);
	if (alf_begin(&launch, &plan, atoi(setting("program", "-1"))) < 0)
		abort();
	if (open_launch(&launch) < 0 || settle(&launch) < 0 || become(&launch, &input.target) < 0)
		print_failure(launch.failure.step, &launch.failure);
	free(input.memory);
	print_result("close");
	alf_close(&launch);
	print_open();
	flush_calls();
	return EXIT_SUCCESS;
}
