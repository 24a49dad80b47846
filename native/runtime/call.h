/*
 * Counts the system calls of the runtime, so that a test can let each of them fail once.
 *
 * Calls whose failure is of no consequence (close, clean-up) are not counted.
 */
#ifndef ALF_RUNTIME_CALL_H
#define ALF_RUNTIME_CALL_H

#include <errno.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Calls made so far. */
extern unsigned int alf_calls;
/* The number of the call that fails in place of being made, from 1; 0 for none. */
extern unsigned int alf_failing_call;
extern int alf_failing_errno;

static inline int alf_call_fails(void)
{
	if (++alf_calls != alf_failing_call)
		return 0;
	errno = alf_failing_errno;
	return 1;
}

#define ALF_CALL(call) (alf_call_fails() ? -1 : (call))

#ifdef __cplusplus
}
#endif

#endif
