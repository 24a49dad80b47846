import { describeObject, readTraits } from '../bpf/object/index.js';
import type { Ops } from '../kernel/index.js';
import type { OpenedFilter } from './filter.js';
import { loadFilter } from './load.js';

/**
 * The engine for compiled objects: reads what the object declares of itself, and leaves libbpf alone until it is loaded.
 *
 * @param file the bytes of the object
 * @param entry name of the entry; without one it is `filter`, or the only program there is
 * @throws AlfError ALF_OBJECT if it is not one, or cannot be used
 */
export function openObject(file: Uint8Array, ops: Ops, entry?: string): OpenedFilter {
  return {
    engine: 'object',
    spec: describeObject(file, entry),
    load: (filter, image) => loadFilter(ops.bpf(), file, filter, image),
    traits: () => readTraits(file),
    close: () => undefined,
  };
}
