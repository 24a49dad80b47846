/**
 * Room: activation. Pure.
 *
 * Owns the LISTEN_* protocol of sockets that are passed to the target or to alfwrapper. Does not create or place sockets.
 *
 * In: names, process id; out: environment variables. In: such variables; out: names.
 */
export { type Activation, formatActivation, LISTEN_VARIABLES } from './listen-variables.js';
export { parseActivation, type Self } from './parse-activation.js';
