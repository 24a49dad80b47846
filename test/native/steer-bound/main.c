/*
 * Steers a socket that another process has bound: steer-bound [v6only] <PLAN
 *
 * The plan has one listener of tier steer; of it only what is needed for bound sockets is given. Prints `ready` once the socket
 * listens, or `failed STEP ERRNO`; ends when it is killed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../shared/input.h"
#include "owner.h"

void fail(const char *what)
{
	perror(what);
	_exit(EXIT_FAILURE);
}

static struct alf_listener only_needed(const struct alf_listener *listener)
{
	return (struct alf_listener){
		.tier = listener->tier,
		.lock = listener->lock,
		.family = listener->family,
		.type = listener->type,
		.backlog = listener->backlog,
		.program = listener->program,
	};
}

int main(int argc, char **argv)
{
	struct alf_input input = alf_read_input();
	struct alf_socket socket = { .fd = -1, .sink = -1, .peer = -1 };
	struct alf_listener listener;
	struct alf_launch launch;
	struct alf_plan plan;

	if (alf_decode_plan(&plan, input.plan.data, input.plan.size) < 0 || plan.listener_count != 1 ||
	    alf_begin(&launch, &plan, -1) < 0)
		return EXIT_FAILURE;
	free(input.memory);
	socket.fd = start_owner(&launch.plan.listeners[0], argc > 1 && strcmp(argv[1], "v6only") == 0);
	listener = only_needed(&launch.plan.listeners[0]);
	if (alf_open_group_beside(&launch, &listener, &socket) < 0 ||
	    alf_join_group(&launch, &listener, socket.fd) < 0) {
		printf("failed %s %d\n", alf_step_name(launch.failure.step), launch.failure.error);
		alf_close(&launch);
		return EXIT_FAILURE;
	}
	/* Its owner has the socket; this process holds the sink. */
	close(socket.fd);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
