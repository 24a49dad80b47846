import { ENTRY, readTraits } from '../bpf/object/index.js';
import { copying, type Image } from '../compile/table/index.js';
import { AlfError } from '../errors/index.js';
import type { BpfOps } from '../kernel/index.js';
import { hostIsLittleEndian } from '../net/index.js';
import type { Plan } from '../plan/index.js';
import type { EngineContext, LoadedFilter, OpenedFilter } from './filter.js';
import { type FilterFile, readFilter } from './find.js';
import { loadFilter } from './load.js';

/**
 * Opens the filter that judges by rules. Its maps are not for entries, and what else it is, is known: the object is read
 * when it is loaded, which on tiers of classic BPF it never is.
 *
 * @param found the shipped filter `policy`
 */
export function openRules(found: FilterFile, { ops, report }: EngineContext): OpenedFilter {
  return {
    engine: 'object',
    spec: { programs: [], maps: [], littleEndian: hostIsLittleEndian(), entry: ENTRY },
    load: (filter, image) => loadRules(ops.bpf(), readFilter(found.file), filter, image, report),
    traits: () => readTraits(readFilter(found.file)),
    close: () => undefined,
  };
}

/** Loads the program that was planned. Where the kernel does not take it, the one that asks for less of the kernel does. */
function loadRules(
  bpf: BpfOps,
  file: Uint8Array,
  filter: Plan['filter'],
  image: Image | undefined,
  report: EngineContext['report'],
): LoadedFilter {
  const entry = copying(filter.entry);
  if (entry === undefined) return loadFilter(bpf, file, filter, image);
  try {
    return loadFilter(bpf, file, filter, image, true);
  } catch (error) {
    if (!(error instanceof AlfError && error.code === 'ALF_VERIFIER')) throw error;
    report?.(`packets are copied to be read: ${error.message}`);
    return loadFilter(bpf, file, { ...filter, entry }, image);
  }
}
