import { type Check, Refused } from './check.js';
import type { Guest } from './guest.js';
import { IDENTITIES, type Identity } from './identity.js';
import type { Load, Loads } from './loads.js';

/** How much guests are asked. */
export type Form = 'short' | 'long' | 'objects';

const ALL: readonly (readonly Identity[])[] = [['root'], ['CAP_BPF and CAP_PERFMON', 'CAP_BPF alone']];

/**
 * Processes that load objects, by the identities under which each does. CAP_BPF alone meets the strictest verifier. For a
 * verifier root has CAP_BPF and CAP_PERFMON: the short form loads as one of the two.
 */
const LOADERS: Readonly<Record<Form, readonly (readonly Identity[])[]>> = {
  short: [['root'], ['CAP_BPF alone']],
  long: ALL,
  objects: ALL,
};

/** Returns a check for each compiler and identity, in a group for each process: every program of every object of the compiler loads. */
export function objectChecks(form: Form, compilers: readonly string[]): Check[][] {
  return LOADERS[form].map((identities) => {
    // One process loads all objects: under emulation its start takes longer than the loads.
    let loading: ReturnType<typeof loadObjects> | undefined;
    return pairs(compilers, identities).map(
      ([compiler, as]): Check => ({
        name: nameOf(compiler, as),
        async run(guest) {
          loading ??= loadObjects(guest, identities);
          const { loads, smallestMs } = (await loading)[as];
          const own = loads.filter((load) => load.compiler === compiler);
          const refused = own.filter((load) => load.refused !== undefined && !load.unsuited);
          for (const { object, program, log = [] } of refused)
            for (const line of log) console.log(`${object} ${program}, ${as}: ${line}`);
          if (refused.length > 0) throw new Refused(refused.map(describe).join('; '));
          return `${own.map(describe).join('; ')}; smallest program ${smallestMs.toFixed(1)} ms`;
        },
      }),
    );
  });
}

/** The names of these checks. */
export function objectCheckNames(form: Form, compilers: readonly string[]): string[] {
  return pairs(compilers, LOADERS[form].flat()).map(([compiler, as]) => nameOf(compiler, as));
}

function pairs(compilers: readonly string[], identities: readonly Identity[]): [string, Identity][] {
  return identities.flatMap((as) => compilers.map((compiler): [string, Identity] => [compiler, as]));
}

function nameOf(compiler: string, as: Identity): string {
  return `objects of ${compiler}, ${as}`;
}

async function loadObjects(guest: Guest, identities: readonly Identity[]): Promise<Record<Identity, Loads>> {
  const [first = 'root'] = identities;
  const { stdout, stderr } = await guest.run([
    ...IDENTITIES[first],
    'node',
    '/checks/load.cjs',
    ...identities,
  ]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Record<Identity, Loads>;
}

function describe({ object, program, ms, insns, refused, unsuited }: Load): string {
  const name = `${object.replace('.bpf.o', '')} ${program === 'filter' ? '' : `${program} `}`;
  if (unsuited) return `${name}left out: ${refused}`;
  return refused === undefined
    ? `${name}${insns ?? '?'} insns ${ms.toFixed(1)} ms`
    : `${name}refused: ${refused}`;
}
