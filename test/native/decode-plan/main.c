/* The smallest user of the runtime: decodes a plan and a target from standard input, and says what they have. */
#include <stdio.h>
#include <stdlib.h>

#include "../shared/input.h"

int main(void)
{
	struct alf_input input = alf_read_input();
	struct alf_target target;
	struct alf_plan plan;

	if (alf_decode_plan(&plan, input.plan.data, input.plan.size) < 0) {
		puts("no plan");
		return EXIT_FAILURE;
	}
	if (alf_decode_target(&target, input.target.data, input.target.size) < 0) {
		puts("no target");
		return EXIT_FAILURE;
	}
	printf("%u listeners, %u changes, %s\n", plan.listener_count, plan.change_count, target.path);
	alf_release_target(&target);
	alf_release_plan(&plan);
	free(input.memory);
	return EXIT_SUCCESS;
}
