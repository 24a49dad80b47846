/**
 * Room: socket. Effects.
 *
 * Owns making a listening socket out of a planned one, in the only order in which no packet is ever received without
 * the filter, on every tier; taking over one that was passed in; and the companion, which a steered one needs. Knows nothing of where the filter came from or
 * where the socket goes.
 *
 * In: PlannedListener, a loaded program or the bytes of a classic one. Out: OpenedListener, SteeredListener.
 */
export { type AdoptedListener, adoptListener } from './adopt.js';
export { drainBacklogs, type IsAllowed, type Removed } from './backlog.js';
export { startCompanion } from './companion.js';
export {
  type Attach,
  attachClassic,
  attachEbpf,
  boundEndpoint,
  type OpenedListener,
  openListener,
} from './open.js';
export { openSteeredListener, type SteeredListener } from './steer.js';
