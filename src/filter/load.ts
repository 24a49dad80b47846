import { valueOfEveryCpu } from '../bpf/values/index.js';
import type { Image } from '../compile/table/index.js';
import { type BpfOps, check, describeErrno, type Status } from '../kernel/index.js';
import type { Plan } from '../plan/index.js';
import type { LoadedFilter } from './filter.js';
import { type ImageMaps, writeImage } from './image.js';
import { refusalOf } from './refusal.js';

/** The symbol table lists a program that libbpf does not expose. */
const UNNAMED = { ENOENT: 'compile the object again', EINVAL: 'compile the object again' };

/**
 * Loads an object and writes its map entries, and the image of a policy where the filter judges by one.
 *
 * @param file the bytes of the object
 * @param fill whether the program has places for numbers of the running kernel
 * @throws AlfError ALF_OBJECT if libbpf does not take the file, ALF_VERIFIER if the kernel refuses the program or has not what it wants,
 *   ALF_MAP if it refuses a map or an entry. Nothing is left open then.
 */
export function loadFilter(
  bpf: BpfOps,
  file: Uint8Array,
  filter: Plan['filter'],
  image?: Image,
  fill = false,
): LoadedFilter {
  bpf.takeLog();
  const handle = bpf.objectOpen(file, filter.name);
  if (handle < 0) throw refusalOf('ALF_OBJECT', 'open', filter.name, handle, bpf.takeLog());
  try {
    if (fill)
      check(bpf.relocateKernelSymbols(handle, filter.entry), 'ALF_VERIFIER', `fill in filter ${filter.name}`);
    const loaded = bpf.objectLoad(handle, filter.entry, false);
    if (loaded < 0)
      throw refusalOf('ALF_VERIFIER', 'load', filter.name, loaded, logOf(bpf, file, filter, loaded));
    writeEntries(bpf, handle, filter);
    if (image !== undefined) writeImage(bpf, imageMaps(bpf, handle), image);
    const what = `load filter ${filter.name}`;
    const programFd = check(bpf.objectProgram(handle, filter.entry), 'ALF_OBJECT', what, UNNAMED);
    const programId = check(bpf.programId(programFd), 'ALF_OBJECT', what);
    return {
      ...{ programFd, programId },
      instructions: () => bpf.objectInstructions(handle, filter.entry),
      close: () => void bpf.objectClose(handle),
    };
  } catch (error) {
    bpf.objectClose(handle);
    throw error;
  }
}

/** What there is to say of a load that failed: all of it, unless that would take minutes. */
function logOf(bpf: BpfOps, file: Uint8Array, filter: Plan['filter'], status: Status): string {
  const reason = bpf.takeLog();
  // The verifier has given up after a million steps, each of which it would write down.
  if (describeErrno(-status).name === 'E2BIG') return reason;
  const handle = bpf.objectOpen(file, filter.name);
  if (handle < 0) return reason;
  const again = bpf.objectLoad(handle, filter.entry, true);
  bpf.objectClose(handle);
  const log = bpf.takeLog();
  return again < 0 ? log : reason;
}

function imageMaps(bpf: BpfOps, handle: number): ImageMaps {
  const [heads, pages] = ['heads', 'pages'].map((name) =>
    check(bpf.objectMap(handle, name), 'ALF_MAP', `find map ${name}`),
  ) as [number, number];
  return { heads, pages };
}

function writeEntries(bpf: BpfOps, handle: number, filter: Plan['filter']): void {
  const descriptors = new Map<string, number>();
  let cpus: number | undefined;
  for (const { map, key, value, perCpu } of filter.entries) {
    const fd = descriptors.get(map) ?? check(bpf.objectMap(handle, map), 'ALF_MAP', `find map ${map}`);
    descriptors.set(map, fd);
    const one = Buffer.from(value, 'hex');
    if (perCpu) cpus ??= check(bpf.possibleCpus(), 'ALF_MAP', 'count the CPUs');
    check(
      bpf.mapUpdate(fd, Buffer.from(key, 'hex'), cpus && perCpu ? valueOfEveryCpu(one, cpus) : one),
      'ALF_MAP',
      `set an entry of map ${map}`,
      {
        E2BIG: 'the map is full',
        ENOSPC: 'the map is full',
        ENOMEM: 'the kernel has no memory left for the map',
      },
    );
  }
}
