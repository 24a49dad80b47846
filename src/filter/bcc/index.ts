/**
 * Room: filter/bcc. Effects.
 *
 * The engine for C in BCC's dialect, and the library `alfwrapper/bcc`. Owns the way from a source to a compiled module with its tables in the kernel, and turns what libbcc, clang and the
 * verifier say into one line. libbcc brings a whole compiler: it is loaded by the first call.
 *
 * In: a source, native calls, a directory of kernel headers. Out: BccModule.
 */
export { openBcc } from './engine.js';
export { BccModule, compileModule, type LoadedFunction } from './module.js';
export { type BccSource, kernelSource, readSource } from './source.js';
export { Table, type TableDescription, type Written } from './table.js';
