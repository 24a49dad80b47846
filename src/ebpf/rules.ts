import { ENTRY, readTraits } from '../abi/index.js';
import { hostIsLittleEndian } from '../net/index.js';
import type { EngineContext, OpenedFilter } from './filter.js';
import { type FilterFile, readFilter } from './find.js';
import { loadFilter } from './load.js';

/**
 * Opens the filter that judges by rules. Its maps are not for entries, and what else it is, is known: the object is read
 * when it is loaded, which on tiers of classic BPF it never is.
 *
 * @param found the shipped filter `policy`
 */
export function openRules(found: FilterFile, { ops }: EngineContext): OpenedFilter {
  return {
    engine: 'object',
    spec: { programs: [], maps: [], littleEndian: hostIsLittleEndian(), entry: ENTRY },
    load: (filter, image) => loadFilter(ops.bpf(), readFilter(found.file), filter, image),
    traits: () => readTraits(readFilter(found.file)),
    close: () => undefined,
  };
}
