/**
 * Room: launch. Effects.
 *
 * The only place where a plan meets native calls. Loads the filter first, because the plan depends on whether the kernel
 * takes it. Then reads as the list of what happens: sockets, capabilities, handover. Owns what is open in between and
 * closes it when a step fails.
 *
 * In: Plan, Resources, Ops. Out: the target, or an error.
 */
export { launch, type Resources } from './launch.js';
export { imageFor, type Prepared, prepareLaunch, tryFilter } from './prepare.js';
