/* The rules of a fake kernel. */
#ifndef ALF_FAKE_RULES_H
#define ALF_FAKE_RULES_H

#include "../../../native/runtime/alf_runtime.h"

/* An alf_is_allowed: a call that is printed and answered like the others; 1 is yes. */
bool is_allowed(void *context, const struct alf_connection *connection);

#endif
