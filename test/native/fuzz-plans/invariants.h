/* What execution relies on in a plan or target that was decoded. */
#ifndef ALF_FUZZ_INVARIANTS_H
#define ALF_FUZZ_INVARIANTS_H

#include "../../../native/runtime/alf_runtime.h"

/* Each returns NULL, or the invariant that does not hold. `size` is that of what was decoded. */
const char *check_plan(const struct alf_plan *plan, size_t size);
const char *check_target(const struct alf_target *target, size_t size);

#endif
