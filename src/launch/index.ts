/**
 * Room: launch. Effects.
 *
 * The only place where a plan meets native calls. Reads as the list of what happens: filter, sockets, capabilities,
 * handover. Owns what is open in between and closes it when a step fails.
 *
 * In: Plan, Resources, Ops. Out: the target, or an error.
 */
export { launch, type Resources } from './launch.js';
