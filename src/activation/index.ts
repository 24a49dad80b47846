/**
 * Room: activation. Pure.
 *
 * Owns the LISTEN_* protocol by which sockets are handed to the target, and to us. Knows nothing of how they are made or placed.
 *
 * In: names, process id; out: environment variables. In: such variables; out: names.
 */
export { type Activation, formatActivation, LISTEN_VARIABLES } from './listen-variables.js';
export { parseActivation, type Self } from './parse-activation.js';
