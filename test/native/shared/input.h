/* Reads what TypeScript has encoded from standard input: a plan, and a target after it where there is one. */
#ifndef ALF_TEST_INPUT_H
#define ALF_TEST_INPUT_H

#include "../../../native/runtime/alf_runtime.h"

struct alf_input {
	uint8_t *memory;
	struct alf_bytes plan;
	/* Empty if nothing follows the plan. */
	struct alf_bytes target;
};

/* Ends the program if standard input cannot be read or memory is short. The memory is the caller's to free. */
struct alf_input alf_read_input(void);

/* The name TypeScript knows a step by. */
const char *alf_step_name(enum alf_step step);

#endif
