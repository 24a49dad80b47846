/**
 * Room: filter. Effects.
 *
 * Owns filters: where they are, the engines that open them, and making a loaded program with its map entries out of a
 * planned one. Turns what libbpf and the verifier say into one line. Knows nothing of sockets.
 *
 * In: a filter's name, Plan.filter. Out: OpenedFilter, and from it LoadedFilter.
 */

export {
  type BccModule,
  type BccSource,
  compileModule,
  kernelSource,
  type LoadedFunction,
  readSource,
  type Table,
  type TableDescription,
  type Written,
} from './bcc/index.js';
export { type EngineName, type Evidence, findEvidence } from './dialect.js';
export type {
  EngineContext,
  LoadedFilter,
  OpenedFilter,
  OpenOptions,
  SourceFile,
} from './filter.js';
export { type FilterFile, findFilter, findShipped, readFilter } from './find.js';
export { loadFilter } from './load.js';
export { openObject } from './object.js';
export { openFilter } from './open.js';
export { openRules } from './rules.js';
export { runTrial, type TriedPacket } from './trial/index.js';
export { type LogSummary, summarizeLog } from './verifier.js';
