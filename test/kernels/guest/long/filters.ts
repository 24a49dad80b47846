import { type Check, expectSame } from '../check.js';
import type { Guest } from '../guest.js';
import type { Identity } from '../identity.js';
import { attempt, expectServed, type Visit } from '../visit.js';

const OWN4: Visit = { protocol: 'tcp', from: '127.0.0.1', to: '127.0.0.1' };
const OTHER4: Visit = { protocol: 'tcp', from: '127.0.0.2', to: '127.0.0.1' };
const OWN6: Visit = { protocol: 'tcp', from: '::1', to: '::1' };

interface Case {
  readonly filter: string;
  readonly entries?: readonly string[];
  readonly served: readonly Visit[];
  readonly denied: readonly Visit[];
}

/** Shipped filters without state, which have an equivalent on every tier. */
const STATELESS: readonly Case[] = [
  { filter: 'whitelist-private', served: [OWN4, OTHER4, OWN6], denied: [] },
  {
    filter: 'whitelist',
    entries: ['allow4,0,127.0.0.1/32', 'allow6,0,::1/128'],
    served: [OWN4, OWN6],
    denied: [OTHER4],
  },
  { filter: 'subnets', entries: ['allow6,0,::1/128'], served: [OWN6], denied: [OWN4] },
  { filter: 'interfaces', entries: ['interfaces,0,lo'], served: [OWN4, OWN6], denied: [] },
];

/** Filters of a user, compiled by clang from C. The clients of the checks send `alfwrapper`. */
const OWN: readonly Case[] = [
  { filter: 'last-octets', entries: ['octets,2,1'], served: [OWN4, OWN6], denied: [OTHER4] },
  { filter: 'count-sources', served: [OWN4, OTHER4, OWN6], denied: [] },
  { filter: 'first-bytes', entries: ['first_bytes,0,alfw'], served: [OWN4, OTHER4, OWN6], denied: [] },
  { filter: 'first-bytes', entries: ['first_bytes,0,"GET "'], served: [], denied: [OWN4, OWN6] },
];

const KNOCKS = [15000, 15001, 15002];

/** The five shipped filters, and those of a user. */
export const FILTERS: readonly Check[] = [
  // The short form has tried one of them.
  ...STATELESS.filter(({ filter }) => filter !== 'whitelist').map((each) => filterCheck(each, 'root')),
  ...STATELESS.map((each) => filterCheck(each, 'nobody')),
  ...OWN.map((each, i) => ({
    ...filterCheck({ ...each, filter: `/checks/${each.filter}.bpf.o` }, 'root'),
    name: `filter of a user, ${each.filter}.c, case ${i + 1}, root`,
  })),
  {
    name: 'filter knocking, root',
    async run(guest) {
      const entries = KNOCKS.map((port, i) => `ports,${i},${port}`);
      const daemon = await start(guest, 'root', 'knocking', entries);
      const before = await attempt(OWN4, daemon.port, 1000);
      for (const fromPort of KNOCKS) await attempt({ ...OWN4, fromPort }, daemon.port, 500);
      const after = await attempt(OWN4, daemon.port, 10_000);
      await daemon.stop();
      expectSame([before, after], ['silent', 'served']);
      return `${daemon.tiers.join()}: silent before the knocks, served after them`;
    },
  },
];

function filterCheck({ filter, entries = [], served, denied }: Case, as: Identity): Check {
  return {
    name: `filter ${filter}, ${as}`,
    async run(guest) {
      const daemon = await start(guest, as, filter, entries);
      const counts = await expectServed(daemon.port, served, denied);
      await daemon.stop();
      return `${daemon.tiers.join()}: ${counts}`;
    },
  };
}

function start(guest: Guest, as: Identity, filter: string, entries: readonly string[]) {
  const sets = entries.flatMap((entry) => ['--set', entry]);
  return guest.start({
    as,
    options: (port) => ['--address', '::', '--port', String(port), ...sets, filter],
  });
}
