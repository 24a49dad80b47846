/* Which step failed. */
#include "internal.h"

unsigned int alf_calls;
unsigned int alf_failing_call;
int alf_failing_errno;

int alf_check(struct alf_launch *launch, enum alf_step step, long result)
{
	if (result >= 0)
		return (int)result;
	launch->failure.step = step;
	launch->failure.error = errno;
	return -1;
}

void alf_at_listener(struct alf_launch *launch, uint32_t index)
{
	launch->failure.listener = index;
	launch->failure.part = ALF_PART_LISTENER;
}
