import { execFileSync } from 'node:child_process';
import { makeCell, type Table } from '../report/result.js';
import { benchEnvironment } from '../support/tools.js';

/** The cases of `scripts/speedtest.sh`, by its names. */
const CASES = { none: 'no filter', few: '15+15 rules' } as const;

/** In its own network namespace its ports are free. */
const APART = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

/** The users that run it: without capabilities the tier is steer, for root too. */
const USERS = [
  { tier: 'ebpf', many: '10,000 prefixes', become: [] },
  {
    tier: 'steer',
    many: '3,000 prefixes',
    become: ['setpriv', '--inh-caps', '-all', '--bounding-set', '-all'],
  },
] as const;

/**
 * Measures 1 GiB through the echo daemon and back, with `scripts/speedtest.sh`. Needs root, and ncat.
 *
 * @param short runs briefly, to check that it works
 */
export function benchSpeedtest(short: boolean): readonly Table[] {
  return USERS.map(({ tier, many, become }) => {
    const times = measure([
      ...APART,
      ...become,
      'scripts/speedtest.sh',
      '--times',
      ...(short ? ['--short'] : []),
    ]);
    const none = times('none');
    return {
      id: `speedtest-${tier}`,
      title: `1 GiB through the echo daemon and back, tier ${tier}`,
      columns: [{ name: 'time', unit: 's', digits: 2 }],
      reference: CASES.none,
      ratios: 'times' as const,
      rows: Object.entries({ ...CASES, many }).map(([word, name]) => ({
        name,
        cells: [makeCell(times(word), none)],
      })),
    };
  });
}

/** Runs the script. @returns a function that returns the times of a case in s, by round */
function measure(command: readonly string[]): (word: string) => number[] {
  const [file = '', ...args] = command;
  const output = execFileSync(file, args, { encoding: 'utf8', env: benchEnvironment() });
  const lines = output.trimEnd().split('\n');
  const rounds = lines.map((line) => line.split(' ')).sort(([a], [b]) => Number(a) - Number(b));
  return (word) => rounds.filter(([, name]) => name === word).map(([, , ns]) => Number(ns) / 1e9);
}
