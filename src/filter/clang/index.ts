/**
 * Room: filter/clang. Effects.
 *
 * Owns the engine for C in libbpf style: finding the compiler, running it, saying what it says in one line, and the
 * cache of what it made. Loaded only by those who have such a filter.
 *
 * In: SourceFile. Out: OpenedFilter.
 */
export { openClang } from './open.js';
