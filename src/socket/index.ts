/**
 * Room: socket. Effects.
 *
 * Owns making a listening socket out of a planned one, in the only order in which no packet is ever received without
 * the filter, on every tier; and the keeper, which a steered one needs. Knows nothing of where the filter came from or
 * where the socket goes.
 *
 * In: PlannedListener, a loaded program or the bytes of a classic one. Out: OpenedListener, SteeredListener.
 */
export { startKeeper } from './keeper.js';
export {
  boundEndpoint,
  type OpenedListener,
  openClassicListener,
  openListener,
  openPlainListener,
} from './open.js';
export { openSteeredListener, type SteeredListener } from './steer.js';
