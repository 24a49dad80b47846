/**
 * Room: socket. Effects.
 *
 * Owns making a listening socket out of a planned one, in the only order in which no packet is ever received without
 * the filter. Knows nothing of where the filter came from or where the socket goes.
 *
 * In: PlannedListener, a loaded program. Out: OwnedFd.
 */
export { boundEndpoint, openListener } from './open.js';
