/**
 * Room: launch. Effects.
 *
 * The only place where a plan meets native calls. Loads the filter, because the plan depends on whether the kernel accepts
 * it. Encodes the plan, has the runtime carry it out, and words the step that failed.
 *
 * In: Plan, Resources, Ops. Out: the target, or an error.
 */
export type { Change } from './changes.js';
export { encodePlan } from './encode-plan.js';
export { encodeTarget } from './encode-target.js';
export { checkHelpers } from './helpers.js';
export { type Connection, launch, type Resources } from './launch.js';
export { imageFor, type Prepared, prepareLaunch, tryFilter } from './prepare.js';
