import { existsSync } from 'node:fs';
import { type Check, Refused } from '../check.js';
import type { Guest } from '../guest.js';
import type { Identity } from '../identity.js';
import { expectServed, type Visit } from '../visit.js';

type Protocol = Visit['protocol'];

/** Tiers, and an identity that can use each on every kernel. */
const TIERS: readonly (readonly [tier: string, protocol: Protocol, as: Identity])[] = [
  ['ebpf', 'tcp', 'root'],
  ['classic', 'tcp', 'root'],
  ['steer', 'tcp', 'nobody'],
  ['ebpf', 'udp', 'root'],
  ['classic', 'udp', 'nobody'],
];

/** Conditions of rules other than the source address, on every tier. */
export const RULES: readonly Check[] = TIERS.flatMap(([tier, protocol, as]) => {
  const on = `${tier}, ${protocol.toUpperCase()}`;
  return [
    {
      name: `rules with ports on ${on}`,
      async run(guest: Guest) {
        const rules = [
          '--rule',
          'deny from 127.0.0.3',
          '--rule',
          'allow from 127.0.0.0/8,::1 port 7000-7999',
        ];
        const daemon = await guest.start({ as, options: (port) => listen(port, protocol, tier, rules) });
        const from = (address: string, fromPort: number): Visit => ({
          ...{ protocol, from: address, fromPort, to: address.includes(':') ? '::1' : '127.0.0.1' },
        });
        const counts = await expectServed(
          daemon.port,
          [from('127.0.0.1', 7001), from('::1', 7002), from('127.0.0.2', 7003)],
          [from('127.0.0.1', 8001), from('::1', 8002), from('127.0.0.3', 7004)],
        );
        await daemon.stop();
        return counts;
      },
    },
    {
      name: `rules with interfaces over veth on ${on}`,
      run: (guest: Guest) => overVeth(guest, protocol, tier, as),
    },
  ];
});

/** Addresses of the two ends: the daemon is behind `inner`, in a namespace of its own. */
const [INNER4, INNER6] = ['10.9.0.1', 'fd09::1'];
const [OUTER4, OTHER4, OUTER6] = ['10.9.0.2', '10.9.0.3', 'fd09::2'];

async function overVeth(guest: Guest, protocol: Protocol, tier: string, as: Identity): Promise<string> {
  if (!existsSync('/modules/veth.ko')) throw new Refused('there is no module veth');
  await makeVeth(guest);
  const rules = ['--rule', `allow in on inner from ${OUTER4},${OUTER6}`];
  const daemon = await guest.start({
    as,
    where: ['ip', 'netns', 'exec', 'server'],
    options: (port) => listen(port, protocol, tier, rules),
  });
  const counts = await expectServed(
    daemon.port,
    [
      { protocol, from: OUTER4, to: INNER4 },
      { protocol, from: OUTER6, to: INNER6 },
    ],
    [{ protocol, from: OTHER4, to: INNER4 }],
  );
  await daemon.stop();
  return counts;
}

let making: Promise<void> | undefined;

/** Makes the namespace and its interface, once. */
function makeVeth(guest: Guest): Promise<void> {
  making ??= make(guest);
  return making;
}

async function make(guest: Guest): Promise<void> {
  const commands = [
    'ip netns add server',
    'ip link add outer type veth peer name inner netns server',
    `ip addr add ${OUTER4}/24 dev outer`,
    `ip addr add ${OTHER4}/24 dev outer`,
    `ip addr add ${OUTER6}/64 dev outer nodad`,
    'ip link set outer up',
    `ip -n server addr add ${INNER4}/24 dev inner`,
    `ip -n server addr add ${INNER6}/64 dev inner nodad`,
    'ip -n server link set inner up',
    'ip -n server link set lo up',
  ];
  for (const command of commands) {
    const { status, stderr } = await guest.run(command.split(' '));
    if (status !== 0) throw new Refused(`${command}: ${stderr.trim()}`);
  }
}

function listen(port: number, protocol: Protocol, tier: string, rules: readonly string[]): string[] {
  const address = protocol === 'udp' ? `udp:${port}` : `[::]:${port}`;
  return ['--tier', tier, '--listen', address, ...rules, '--'];
}
