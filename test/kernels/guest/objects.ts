import { type Check, Refused } from './check.js';
import type { Guest } from './guest.js';
import { IDENTITIES, type Identity } from './identity.js';
import type { Load, Loads } from './load.js';

/** Who loads objects: what root may, CAP_PERFMON gives too; CAP_BPF alone meets a stricter verifier. */
const LOADERS: readonly Identity[] = ['root', 'CAP_BPF alone', 'CAP_BPF and CAP_PERFMON'];

/** Checks that load every program of every object of compilers, one for each of them and of those who may load. */
export function objectChecks(compilers: readonly string[]): Check[] {
  return LOADERS.flatMap((as) => {
    // One process loads those of all compilers: to start it takes longer than to load them.
    let loading: Promise<Loads> | undefined;
    return compilers.map((compiler) => ({
      name: nameOf(compiler, as),
      async run(guest) {
        loading ??= loadObjects(guest, as);
        const { loads, smallestMs } = await loading;
        const own = loads.filter((load) => load.compiler === compiler);
        const refused = own.filter((load) => load.refused !== undefined && !load.unsuited);
        for (const { object, program, log = [] } of refused)
          for (const line of log) console.log(`${object} ${program}, ${as}: ${line}`);
        if (refused.length > 0) throw new Refused(refused.map(describe).join('; '));
        return `${own.map(describe).join('; ')}; smallest program ${smallestMs.toFixed(1)} ms`;
      },
    }));
  });
}

/** The names of these checks. */
export function objectCheckNames(compilers: readonly string[]): string[] {
  return LOADERS.flatMap((as) => compilers.map((compiler) => nameOf(compiler, as)));
}

function nameOf(compiler: string, as: Identity): string {
  return `objects of ${compiler}, ${as}`;
}

async function loadObjects(guest: Guest, as: Identity): Promise<Loads> {
  const { stdout, stderr } = await guest.run([...IDENTITIES[as], 'node', '/checks/main.mjs', 'load']);
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
