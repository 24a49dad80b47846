/**
 * Room: filter/trial. Effects, but none that stays.
 *
 * Owns running a filter on crafted packets without a socket, with the verdict that a socket would give: the program is
 * changed so that it finds the transport header where a socket has it.
 *
 * In: LoadedFilter, CraftedPacket. Out: how many bytes of each packet are kept.
 */
export { runTrial, type TriedPacket } from './run.js';
