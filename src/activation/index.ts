/**
 * Room: activation. Pure so far.
 *
 * Owns the LISTEN_* protocol by which sockets are handed to the target. Knows nothing of how they are made or placed.
 *
 * In: names, process id. Out: environment variables.
 */
export { type Activation, formatActivation, LISTEN_VARIABLES } from './listen-variables.js';
