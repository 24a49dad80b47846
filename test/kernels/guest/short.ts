import { type Check, expectSame } from './check.js';
import type { Guest, Launch } from './guest.js';
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
const onlyTcp = (port: number) => ['--listen', `[::]:${port}`];

/** Starts a daemon on TCP and perhaps UDP, and tries both families, allowed and denied. */
async function verdicts(
  guest: Guest,
  as: Identity,
  listen: Launch['options'],
  ...options: string[]
): Promise<string> {
  const daemon = await guest.start({ as, options: (port) => [...listen(port), ...options, '--'] });
  const protocols = listen === both ? (['tcp', 'udp'] as const) : (['tcp'] as const);
  const counts = await expectServed(daemon.port, protocols.flatMap(SERVED), protocols.flatMap(DENIED));
  await daemon.stop();
  return `${daemon.tiers.join(' and ')}: ${counts}`;
}

function tier(name: string, as: Identity, listen: Launch['options'], ...options: string[]): Check {
  return { name, run: (guest) => verdicts(guest, as, listen, ...options) };
}

/** What doctor calls the strongest tier is what auto takes, on TCP and on UDP. */
function doctorKeepsItsWord(as: Identity): Check {
  return {
    name: `doctor names what auto takes, ${as}`,
    async run(guest) {
      const [doctor, daemon] = await Promise.all([
        guest.alfwrapper(as, 'doctor', '--json'),
        guest.start({ as, options: (port) => [...both(port), ...LOOPBACK, '--'] }),
      ]);
      await daemon.stop();
      const { strongest } = JSON.parse(doctor.stdout) as { strongest: { tcp: string; udp: string } };
      expectSame(daemon.tiers, [strongest.tcp, strongest.udp]);
      return daemon.tiers.join(' on TCP, ').concat(' on UDP');
    },
  };
}

/** What every kernel is asked each time: the subset that fits into half a minute of emulation. */
export const SHORT: readonly Check[] = [
  tier('ebpf, root', 'root', both, '--tier', 'ebpf', ...LOOPBACK),
  tier('ebpf, 10,000 prefixes', 'root', both, '--tier', 'ebpf', '--policy', MANY_RULES),
  tier('ebpf, CAP_BPF alone', 'CAP_BPF alone', both, '--tier', 'ebpf', ...LOOPBACK),
  tier('ebpf, CAP_BPF and CAP_PERFMON', 'CAP_BPF and CAP_PERFMON', both, '--tier', 'ebpf', ...LOOPBACK),
  tier('auto, root', 'root', both, ...LOOPBACK),
  tier('auto, nobody', 'nobody', both, ...LOOPBACK),
  tier('classic, root', 'root', both, '--tier', 'classic', ...LOOPBACK),
  tier('steer, nobody', 'nobody', onlyTcp, '--tier', 'steer', ...LOOPBACK),
  tier(
    'filter whitelist, root',
    'root',
    onlyTcp,
    ...['--set', 'allow4,0,127.0.0.1/32', '--set', 'allow6,0,::1/128'],
    'whitelist',
  ),
  doctorKeepsItsWord('root'),
  doctorKeepsItsWord('nobody'),
];
