import { type Check, Refused } from './check.js';
import type { Guest } from './guest.js';
import { IDENTITIES, type Identity } from './identity.js';
import type { Load, Loads } from './load.js';

/**
 * Who loads objects: what root may, CAP_PERFMON gives too; CAP_BPF alone meets a stricter verifier. Each list is of one
 * process, which gives up capabilities to go on as the next: to start one takes longer than to load everything.
 */
const LOADERS = [['root'], ['CAP_BPF and CAP_PERFMON', 'CAP_BPF alone']] as const satisfies Identity[][];

/** Checks that load every program of every object of compilers, one for each of them and of those who may load. */
export function objectChecks(compilers: readonly string[]): Check[] {
  return LOADERS.flatMap((loaders) => {
    let loading: Promise<Loads[]> | undefined;
    return loaders.flatMap((as, at) =>
      compilers.map((compiler) => ({
        name: nameOf(compiler, as),
        async run(guest: Guest) {
          loading ??= loadObjects(guest, loaders);
          const { loads, smallestMs } = (await loading)[at] ?? { loads: [], smallestMs: 0 };
          const own = loads.filter((load) => load.compiler === compiler);
          if (own.length === 0) throw new Error('nothing was loaded');
          const refused = own.filter((load) => load.refused !== undefined && !load.unsuited);
          for (const { object, program, log = [] } of refused)
            for (const line of log) console.log(`${object} ${program}, ${as}: ${line}`);
          if (refused.length > 0) throw new Refused(refused.map(describe).join('; '));
          return `${own.map(describe).join('; ')}; smallest program ${smallestMs.toFixed(1)} ms`;
        },
      })),
    );
  });
}

/** The names of these checks. */
export function objectCheckNames(compilers: readonly string[]): string[] {
  return LOADERS.flat().flatMap((as) => compilers.map((compiler) => nameOf(compiler, as)));
}

function nameOf(compiler: string, as: Identity): string {
  return `objects of ${compiler}, ${as}`;
}

async function loadObjects(guest: Guest, [first, ...then]: readonly Identity[]): Promise<Loads[]> {
  const command = [...IDENTITIES[first ?? 'root'], 'node', '/checks/main.mjs', 'load', ...then];
  const { stdout, stderr } = await guest.run(command);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Loads[];
}

function describe({ object, program, ms, insns, refused, unsuited }: Load): string {
  const name = `${object.replace('.bpf.o', '')} ${program === 'filter' ? '' : `${program} `}`;
  if (unsuited) return `${name}left out: ${refused}`;
  return refused === undefined
    ? `${name}${insns ?? '?'} insns ${ms.toFixed(1)} ms`
    : `${name}refused: ${refused}`;
}
