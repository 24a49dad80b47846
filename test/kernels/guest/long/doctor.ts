import { type Check, expectSame, Wrong } from '../check.js';
import type { Guest } from '../guest.js';
import type { Identity } from '../identity.js';

/** The parts of `doctor --json` that the plain report has as well. */
interface Report {
  readonly tiers: readonly {
    readonly tier: string;
    readonly protocols: readonly string[];
    readonly works: boolean;
  }[];
  readonly strongest: { readonly tcp?: string; readonly udp?: string };
}

/** The plain report says the same as the one for programs. */
export const DOCTOR: readonly Check[] = (['root', 'nobody'] as const).map((as) => ({
  name: `doctor, ${as}`,
  run: (guest) => compareReports(guest, as),
}));

async function compareReports(guest: Guest, as: Identity): Promise<string> {
  const plain = await guest.alfwrapper(as, 'doctor');
  const json = await guest.alfwrapper(as, 'doctor', '--json');
  if (plain.stderr !== '') throw new Wrong(plain.stderr);
  expectSame(plain.status, json.status);
  const { tiers, strongest } = JSON.parse(json.stdout) as Report;
  const wanted = tiers.map(({ tier, protocols, works }) => {
    const on = protocols.map((protocol) => protocol.toUpperCase()).join(' and ');
    return `${tier} on ${on}: ${works ? 'works' : 'does not work'}`;
  });
  expectSame(plain.stdout.match(/^\w+ on .*: (works|does not work)$/gm), wanted);
  const last = `strongest tier that works: ${strongest.tcp} on TCP, ${strongest.udp} on UDP`;
  expectSame(plain.stdout.trimEnd().split('\n').at(-1), last);
  return wanted.join(', ');
}
