import type { Check } from './check.js';
import { Refused } from './check.js';
import type { Guest } from './guest.js';
import { IDENTITIES, type Identity } from './identity.js';
import { type Load, type Loads, OBJECTS } from './load.js';

/** Who loads the objects of a compiler. */
export const LOADERS: readonly Identity[] = ['root', 'CAP_BPF alone', 'CAP_BPF and CAP_PERFMON'];

/** One check for each of the three who may load: every program of every object of a compiler. */
export function objectChecks(compiler: string): Check[] {
  return LOADERS.map((as) => ({
    name: `objects of ${compiler}, ${as}`,
    async run(guest) {
      const { loads, smallestMs } = await loadObjects(guest, compiler, as);
      const refused = loads.filter(({ refused, unsuited }) => refused !== undefined && !unsuited);
      for (const { object, program, log = [] } of refused)
        for (const line of log) console.log(`${object} ${program}, ${as}: ${line}`);
      if (refused.length > 0) throw new Refused(refused.map(describe).join('; '));
      return `${loads.map(describe).join('; ')}; smallest program ${smallestMs.toFixed(1)} ms`;
    },
  }));
}

/** Loads the objects of a compiler in a process of its own. */
export async function loadObjects(guest: Guest, compiler: string, as: Identity): Promise<Loads> {
  const { stdout, stderr } = await guest.run([
    ...IDENTITIES[as],
    ...['node', '/checks/main.mjs', 'load', `${OBJECTS}/${compiler}`],
  ]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Loads;
}

function describe({ object, program, ms, insns, refused, unsuited }: Load): string {
  const name = `${object.replace('.bpf.o', '')} ${program === 'filter' ? '' : `${program} `}`;
  if (unsuited) return `${name}left out: ${refused}`;
  return refused === undefined
    ? `${name}${insns ?? '?'} insns ${ms.toFixed(1)} ms`
    : `${name}refused: ${refused}`;
}
