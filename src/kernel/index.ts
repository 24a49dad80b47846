/**
 * Room: kernel. Effects.
 *
 * Owns the boundary to the addons: which native calls exist (`Ops`), how they are loaded, how a status becomes a value
 * or an error, and descriptors with an owner. The only room that loads a `.node` file. No policy, no order of calls.
 *
 * In: a package root. Out: `Ops`, passed on as a parameter everywhere.
 */
export { check, describeErrno, type Hints, systemFailure } from './check.js';
export type { Constants } from './constants.js';
export { loadOps } from './load.js';
export type {
  BccOps,
  BccTable,
  BpfOps,
  CoreOps,
  InterceptionStatuses,
  LaunchFailure,
  LaunchRemoved,
  Ops,
  ProbeStatuses,
  Status,
} from './ops.js';
export { OwnedFd } from './owned.js';
