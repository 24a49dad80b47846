import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, expectSame, Wrong } from '../check.js';
import type { Guest } from '../guest.js';
import { IDENTITIES, type Identity } from '../identity.js';
import { LOOPBACK } from '../rules.js';
import { attempt, expectServed } from '../visit.js';

/** What a target may have more than behind a direct start: its listener; on steer the guard, too. */
const GAINED = /^(env LISTEN_|fd 3 mode 140777 )/;
const GUARD = /^status (NoNewPrivs|Seccomp|Seccomp_filters|Speculation)/;

/** What becomes of the program: what it is given, what runs for each connection, and who watches over it. */
export const TARGET: readonly Check[] = [
  handover('root', 'ebpf', GAINED),
  handover('nobody', 'steer', new RegExp(`${GAINED.source}|${GUARD.source}`)),
  {
    name: 'a program for each connection',
    async run(guest) {
      const daemon = await guest.start({
        as: 'nobody',
        options: (port) => ['--accept', '--inetd', '--listen', `[::]:${port}`, ...LOOPBACK, '--'],
        program: ['/bin/busybox', 'cat'],
        ready: / fd \d+\n/,
      });
      const counts = await expectServed(
        daemon.port,
        [
          { protocol: 'tcp', from: '127.0.0.1', to: '127.0.0.1' },
          { protocol: 'tcp', from: '::1', to: '::1' },
        ],
        [{ protocol: 'tcp', from: '127.0.0.2', to: '127.0.0.1' }],
      );
      await daemon.stop();
      return counts;
    },
  },
  {
    name: 'without both processes of its companion a daemon is ended',
    async run(guest) {
      const daemon = await guest.start({
        as: 'nobody',
        options: (port) => ['--tier', 'steer', '--listen', `[::]:${port}`, ...LOOPBACK, '--'],
      });
      const companion = Number(/companion is process (\d+)/.exec(daemon.said)?.[1]);
      const standby = Number(readFileSync(`/proc/${companion}/task/${companion}/children`, 'latin1'));
      // Stopped first, or one would replace the other.
      for (const signal of ['SIGSTOP', 'SIGKILL'] as const)
        for (const pid of [companion, standby]) process.kill(pid, signal);
      await until(() => hasEnded(daemon.pid));
      const came = await attempt({ protocol: 'tcp', from: '127.0.0.2', to: '127.0.0.1' }, daemon.port, 2000);
      if (came === 'served') throw new Wrong('a denied client is served');
      return 'the daemon has ended';
    },
  },
];

/** Compares what a program sees of itself behind alfwrapper and without it. */
function handover(as: Identity, tier: string, gainedPattern: RegExp): Check {
  return {
    name: `handover on ${tier}, ${as}`,
    async run(guest) {
      const file = `/tmp/state-${as}`;
      const direct = await observe(guest, [...IDENTITIES[as], '/checks/state', file], file);
      const options = ['--tier', tier, '--port', '0', ...LOOPBACK, '--'];
      const wrapped = [...IDENTITIES[as], '/alf/alfwrapper', ...options, '/checks/state', file];
      const behind = await observe(guest, wrapped, file);
      const gained = behind.filter((line) => !direct.includes(line) && !gainedPattern.test(line));
      const lost = direct.filter((line) => !behind.includes(line) && !gainedPattern.test(line));
      expectSame({ lost, gained }, { lost: [], gained: [] });
      return `${direct.length} capabilities are the same`;
    },
  };
}

async function observe(guest: Guest, command: readonly string[], file: string): Promise<string[]> {
  const { status, stderr } = await guest.run(command);
  if (status !== 0) throw new Wrong(`${command.join(' ')}: ${status} ${stderr}`);
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

function hasEnded(pid: number): boolean {
  return (
    !existsSync(`/proc/${pid}/status`) || /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
  );
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > end) throw new Wrong('it is still there after 30 s');
    await sleep(50);
  }
}
