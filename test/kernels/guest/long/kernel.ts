import { readFileSync, writeFileSync } from 'node:fs';
import { type Check, Refused, Wrong } from '../check.js';
import { errorOf, type Guest } from '../guest.js';
import type { Identity } from '../identity.js';
import { LOOPBACK, somePrefixes } from '../rules.js';

/** Numbers of prefixes among which the largest that fits is looked for. */
const COUNTS = [500, 700, 900, 1100, 1300, 1500, 2000, 2500, 3000, 3300, 3600, 4000];

/** What kernels differ in. Where one of these is not ok, the table of what a kernel lacks says why. */
export const KERNEL: readonly Check[] = [
  {
    name: 'room for large classic programs',
    async run() {
      const bytes = Number(readFileSync('/proc/sys/net/core/optmem_max', 'latin1'));
      if (bytes < 131_072) throw new Refused(`net.core.optmem_max is ${bytes}`);
      return `net.core.optmem_max is ${bytes}`;
    },
  },
  {
    name: 'classic on TCP takes a capability',
    async run(guest) {
      const { status, stderr } = await launch(
        guest,
        'nobody',
        '--tier',
        'classic',
        '--port',
        '0',
        ...LOOPBACK,
      );
      if (status === 0) throw new Refused('it works for an ordinary user');
      const error = errorOf(stderr);
      if (!error.endsWith('(EPERM)')) throw new Wrong(error);
      return error;
    },
  },
  {
    name: 'packets are read in place',
    async run(guest) {
      const { status, stderr } = await launch(
        guest,
        'root',
        '-v',
        '--tier',
        'ebpf',
        '--port',
        '0',
        ...LOOPBACK,
      );
      if (status !== 0) throw new Refused(errorOf(stderr));
      const copied = stderr.split('\n').find((line) => line.includes('packets are copied'));
      if (copied !== undefined) throw new Refused(copied.replace('alfwrapper: ', ''));
      return 'as root';
    },
  },
  {
    name: 'prefixes that fit on steer',
    async run(guest) {
      let [low, high] = [-1, COUNTS.length];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (await fits(guest, COUNTS[middle] ?? 0)) low = middle;
        else high = middle;
      }
      if (low < 0) throw new Refused(`not even ${COUNTS[0]}`);
      return `${COUNTS[low]} prefixes`;
    },
  },
];

async function fits(guest: Guest, count: number): Promise<boolean> {
  writeFileSync('/tmp/some.set', somePrefixes(count).join('\n'));
  writeFileSync('/tmp/some.rules', 'set some file /tmp/some.set\nallow from @some\n');
  const options = ['--tier', 'steer', '--port', '0', '--policy', '/tmp/some.rules'];
  const { status, stderr } = await launch(guest, 'nobody', ...options);
  const error = status === 0 ? '' : errorOf(stderr);
  if (!/^$|memory|instructions/.test(error)) throw new Wrong(error);
  return status === 0;
}

function launch(guest: Guest, as: Identity, ...options: readonly string[]) {
  return guest.alfwrapper(as, ...options, '--', '/bin/busybox', 'true');
}
