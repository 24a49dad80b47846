import { type Check, expectSame } from './check.js';
import type { Daemon, Guest } from './guest.js';
import type { Identity } from './identity.js';
import { LOOPBACK, MANY_RULES } from './rules.js';
import { expectServed, type Visit } from './visit.js';

/** What is allowed by the rules here, and what is not. */
const SERVED = (protocol: Visit['protocol']): Visit[] => [
  { protocol, from: '127.0.0.1', to: '127.0.0.1' },
  { protocol, from: '::1', to: '::1' },
];
const DENIED = (protocol: Visit['protocol']): Visit[] => [{ protocol, from: '127.0.0.2', to: '127.0.0.1' }];

const both = (port: number) => ['--listen', `[::]:${port}`, '--listen', `udp:${port}`];

const WHITELIST = ['--set', 'allow4,0,127.0.0.1/32', '--set', 'allow6,0,::1/128'];

/** Tries both families on TCP and perhaps UDP, allowed and denied, and ends the daemon. */
async function verdicts(daemon: Daemon, protocols: readonly Visit['protocol'][]): Promise<string> {
  const counts = await expectServed(daemon.port, protocols.flatMap(SERVED), protocols.flatMap(DENIED));
  await daemon.stop();
  return `${daemon.tiers.join(' and ')}: ${counts}`;
}

function onTcpAndUdp(name: string, as: Identity, ...options: string[]): Check {
  const start = (guest: Guest) => guest.start({ as, options: (port) => [...both(port), ...options, '--'] });
  return { name, run: async (guest) => verdicts(await start(guest), ['tcp', 'udp']) };
}

function onTcp(name: string, as: Identity, ...options: string[]): Check {
  const start = (guest: Guest) =>
    guest.start({ as, options: (port) => ['--address', '::', '--port', String(port), ...options] });
  return { name, run: async (guest) => verdicts(await start(guest), ['tcp']) };
}

/** What auto does, and that doctor calls the tiers it takes the strongest: one launch answers both. */
function auto(as: Identity): Check[] {
  let starting: Promise<Daemon> | undefined;
  const start = (guest: Guest) => {
    starting ??= guest.start({ as, options: (port) => [...both(port), ...LOOPBACK, '--'] });
    return starting;
  };
  return [
    { name: `auto, ${as}`, run: async (guest) => verdicts(await start(guest), ['tcp', 'udp']) },
    {
      name: `doctor names what auto takes, ${as}`,
      async run(guest) {
        const [doctor, daemon] = await Promise.all([guest.alfwrapper(as, 'doctor', '--json'), start(guest)]);
        const { strongest } = JSON.parse(doctor.stdout) as { strongest: { tcp: string; udp: string } };
        expectSame(daemon.tiers, [strongest.tcp, strongest.udp]);
        return `${strongest.tcp} on TCP, ${strongest.udp} on UDP`;
      },
    },
  ];
}

/** What every kernel is asked each time: the subset that fits into half a minute of emulation. */
export const SHORT: readonly Check[] = [
  onTcpAndUdp('ebpf, root', 'root', '--tier', 'ebpf', ...LOOPBACK),
  onTcpAndUdp('ebpf, 10,000 prefixes', 'root', '--tier', 'ebpf', '--policy', MANY_RULES),
  onTcpAndUdp('ebpf, CAP_BPF alone', 'CAP_BPF alone', '--tier', 'ebpf', ...LOOPBACK),
  onTcpAndUdp('ebpf, CAP_BPF and CAP_PERFMON', 'CAP_BPF and CAP_PERFMON', '--tier', 'ebpf', ...LOOPBACK),
  ...auto('root'),
  ...auto('nobody'),
  onTcpAndUdp('classic, root', 'root', '--tier', 'classic', ...LOOPBACK),
  onTcp('steer, nobody', 'nobody', '--tier', 'steer', ...LOOPBACK, '--'),
  onTcp('filter whitelist, root', 'root', ...WHITELIST, 'whitelist'),
];
