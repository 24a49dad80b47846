/**
 * Room: exec. Effects.
 *
 * Owns the way from this process to the target: which program, in which environment, with which capabilities, in which
 * state, and the step itself. The state is what the entry recorded before node changed it.
 *
 * In: bytes of argv and environment, the entry's record. Out: Target; then nothing, for we are it.
 */
export { throughAcceptor } from './acceptor.js';
export {
  decodeEnvironment,
  identityEnvironment,
  lookupVariable,
  targetEnvironment,
  withVariables,
} from './environment.js';
export { type ProcessRecord, parseRecord } from './record.js';
export { resolveProgram } from './resolve.js';
export { checkPlaces, type Target } from './target.js';
