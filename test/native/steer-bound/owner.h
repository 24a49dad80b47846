/* Another program, whose socket is steered. */
#ifndef ALF_STEER_BOUND_OWNER_H
#define ALF_STEER_BOUND_OWNER_H

#include "../../../native/runtime/alf_runtime.h"

/*
 * Starts a process that binds a socket without options, or with IPV6_V6ONLY, and echoes what comes on connections to it from
 * the time on at which it listens. The process ends with this one. Returns a descriptor of the socket.
 */
int start_owner(const struct alf_listener *listener, int v6only);

/* Ends the program with the name of a failed call. */
_Noreturn void fail(const char *what);

#endif
