import { parseAddress } from '../../src/net/index.js';
import { evaluate, interfaceNames, type Packet, type Policy } from '../../src/policy/index.js';
import type { Random } from './random.js';

/** A listening socket that is passed in, in the words of the fixture `backlog`. */
interface Listener {
  readonly family: '4' | '6' | '46';
  readonly address: string;
  readonly device: 'lo' | 'wire' | '-';
  readonly reuseport: boolean;
}

/** A way to the server that a client may take. */
interface Route {
  readonly where: 'here' | 'there';
  readonly from: string;
  readonly to: string;
}

/** What a client does after it has connected. */
type State = 'silent' | 'open' | 'half' | 'gone' | 'reset';

/** A connection that waits. */
export interface Waiting extends Route {
  readonly number: number;
  readonly fromPort: number;
  readonly port: number;
  readonly state: State;
}

/** The listeners of a port, and what waits on them. */
export interface Backlog {
  readonly port: number;
  readonly listeners: readonly Listener[];
  readonly waiting: readonly Waiting[];
}

const ANY4: Listener = { family: '4', address: '0.0.0.0', device: '-', reuseport: false };
const ANY6: Listener = { ...ANY4, family: '6', address: '::' };
const BOTH: Listener = { ...ANY6, family: '46' };

const at = (listener: Listener, address: string): Listener => ({ ...listener, address });
const on = (listener: Listener, device: Listener['device']): Listener => ({ ...listener, device });
const shared = (listener: Listener): Listener => ({ ...listener, reuseport: true });

/** The ways in which sockets can listen on one port. */
const ARRANGEMENTS: readonly (readonly Listener[])[] = [
  [ANY4],
  [ANY6],
  [BOTH],
  [at(ANY4, '127.0.0.1')],
  [at(ANY4, '10.7.0.1')],
  [at(ANY6, 'fd07::1')],
  [on(ANY4, 'lo')],
  [on(BOTH, 'wire')],
  [on(ANY4, 'lo'), on(ANY4, 'wire')],
  [on(BOTH, 'wire'), on(ANY6, 'lo')],
  [at(ANY4, '127.0.0.1'), at(ANY4, '127.0.0.2'), at(ANY4, '10.7.0.1')],
  [ANY4, ANY6],
  [shared(ANY4), shared(ANY4)],
  [shared(ANY4), shared(at(ANY4, '127.0.0.1'))],
];

const LOCAL = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'];

const ROUTES: readonly Route[] = [
  ...LOCAL.flatMap((from) =>
    ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((to): Route => ({ where: 'here', from, to })),
  ),
  { where: 'here', from: '10.7.0.1', to: '10.7.0.1' },
  { where: 'here', from: '203.0.113.1', to: '10.7.0.1' },
  { where: 'here', from: '::1', to: '::1' },
  { where: 'here', from: 'fd07::1', to: 'fd07::1' },
  { where: 'there', from: '10.7.0.2', to: '10.7.0.1' },
  { where: 'there', from: '203.0.113.2', to: '203.0.113.1' },
  { where: 'there', from: 'fd07::2', to: 'fd07::1' },
  { where: 'there', from: '2001:db8::2', to: '2001:db8::1' },
  { where: 'there', from: 'fe80::7:2', to: 'fe80::7:1' },
];

const SOURCES = [...LOCAL, '127.0.0.0/29', '10.7.0.0/24', '203.0.113.2', '::1', 'fd07::/64', '2001:db8::2'];
const STATES: readonly State[] = ['silent', 'open', 'half', 'gone'];
/** The most connections of a backlog: mostly few, now and then 200. */
const SIZES = [...new Array(12).fill(6), 30, 30, 30, 200];
const FIRST_CLIENT_PORT = 20_000;
const CLIENT_PORTS = 64;

/** Rules of all sorts that bear on connections, a line each. */
export function randomRules(random: Random): string[] {
  const rules = random.list(1, 4, () => {
    const interfaces = random.chance(0.15) ? ` in on ${random.pick(['lo', 'wire'])}` : '';
    const source = ` from ${random.list(1, 3, () => random.pick(SOURCES)).join(',')}`;
    const ports = random.chance(0.2)
      ? ` port ${FIRST_CLIENT_PORT}-${FIRST_CLIENT_PORT + random.below(CLIENT_PORTS)}`
      : '';
    const destination = random.chance(0.2)
      ? ` to ${random.pick(['127.0.0.1', '127.0.0.2', '10.7.0.1', 'fd07::1'])}`
      : '';
    return `${random.pick(['allow', 'allow', 'deny'])}${interfaces}${source}${ports}${destination}`;
  });
  return [...rules, `default ${random.pick(['allow', 'deny', 'deny'])}`];
}

/** The listeners of a port with up to 200 connections; in half of the cases only such as can be kept. */
export function randomBacklog(random: Random, policy: Policy, port: number, firstNumber: number): Backlog {
  const listeners = random.pick(ARRANGEMENTS);
  const wanted = 1 + random.below(random.pick(SIZES));
  const harmless = random.chance(0.5);
  const resets = !harmless && random.chance(0.4);
  const routes = ROUTES.filter((route) => listenersFor(listeners, route).length > 0);
  const waiting = new Map<string, Waiting>();
  for (let tries = 0; tries < 2 * wanted && waiting.size < wanted; tries++) {
    const connection: Waiting = {
      ...random.pick(routes),
      number: firstNumber + waiting.size,
      fromPort: FIRST_CLIENT_PORT + random.below(CLIENT_PORTS),
      port,
      state: resets && random.chance(0.2) ? 'reset' : random.pick(STATES),
    };
    const { from, fromPort, to } = connection;
    const ends = `${from} ${fromPort} ${to}`;
    if (waiting.has(ends) || (harmless && !isAllowedAnywhere(policy, connection))) continue;
    waiting.set(ends, connection);
  }
  return { port, listeners, waiting: [...waiting.values()] };
}

/** What the fixture reads. */
export function describeBacklogs(backlogs: readonly Backlog[]): string {
  const listen = backlogs.flatMap(({ port, listeners }) =>
    listeners.map(
      ({ family, address, device, reuseport }) =>
        `listen ${family} ${address} ${port} ${device} ${reuseport ? 1 : 0}`,
    ),
  );
  const connect = backlogs.flatMap(({ waiting }) =>
    waiting.map(
      ({ number, where, from, fromPort, to, port, state }) =>
        `connect ${number} ${where} ${from} ${fromPort} ${to} ${port} ${state}`,
    ),
  );
  return [...listen, ...connect, ''].join('\n');
}

/** Whether the rules allow a connection, by the interface it came in on. */
export function isAllowed(policy: Policy, connection: Waiting): boolean {
  return verdict(policy, connection, deviceOf(connection)) === 'allow';
}

/** The connections of a backlog that have to be served, in their order: those of listeners on which the kernel can tell all that wait. */
export function listKept(policy: Policy, { listeners, waiting }: Backlog): Waiting[] {
  const isShared = listeners.some(({ reuseport }) => reuseport);
  if (isShared) return [];
  const kept = listeners.flatMap((listener) => {
    const own = waiting.filter((connection) => listenersFor([listener], connection).length > 0);
    const exact = own.every(
      (connection) => connection.state !== 'reset' && !connection.from.startsWith('fe80:'),
    );
    return exact && own.every((connection) => isAllowedAnywhere(policy, connection)) ? own : [];
  });
  return waiting.filter((connection) => kept.includes(connection));
}

/** Nobody asks the kernel for the interface of a connection. */
function isAllowedAnywhere(policy: Policy, connection: Waiting): boolean {
  return ['', ...interfaceNames(policy)].every((ifname) => verdict(policy, connection, ifname) === 'allow');
}

function verdict(policy: Policy, { from, fromPort, to, port }: Waiting, ifname: string) {
  const source = parseAddress(from);
  const packet: Packet = {
    ...{ family: source.family, source: source.bytes, destination: parseAddress(to).bytes },
    ...{ protocol: 6, sourcePort: fromPort, destinationPort: port, ifname },
  };
  return evaluate(policy, packet).verdict;
}

/** For SO_BINDTODEVICE a local connection comes by the interface that has the address, for a filter by the loopback. */
function ownerOf({ to }: Route): 'lo' | 'wire' {
  return to === '::1' || to.startsWith('127.') ? 'lo' : 'wire';
}

function deviceOf({ where }: Route): 'lo' | 'wire' {
  return where === 'here' ? 'lo' : 'wire';
}

function listenersFor(listeners: readonly Listener[], route: Route): Listener[] {
  const family = route.to.includes(':') ? '6' : '4';
  return listeners.filter(
    ({ family: families, address, device }) =>
      families.includes(family) &&
      (address === '0.0.0.0' || address === '::' || address === route.to) &&
      (device === '-' || device === ownerOf(route)),
  );
}
