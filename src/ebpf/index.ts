/**
 * Room: ebpf. Effects.
 *
 * Owns compiled filters: where they are, and making a loaded program with its map entries out of a planned one. Turns
 * what libbpf and the verifier say into one line. Knows nothing of sockets.
 *
 * In: a filter's name, Plan.filter, the bytes of an object. Out: LoadedFilter.
 */
export { type FilterFile, findFilter, readFilter } from './find.js';
export { type LoadedFilter, loadFilter } from './load.js';
export { type LogSummary, summarizeLog } from './verifier.js';
