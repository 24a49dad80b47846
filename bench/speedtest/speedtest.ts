import { execFileSync } from 'node:child_process';
import { makeCell, type Table } from '../report/result.js';
import { benchEnvironment } from '../support/tools.js';

/** What `scripts/speedtest.sh` compares, by its own words. */
const CASES = { none: 'no filter', few: '15+15 rules' } as const;

/** Its ports are its own in a network namespace. */
const APART = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

/** Who runs it: whoever has no capability is steered, root too. */
const USERS = [
  { tier: 'ebpf', many: '10,000 prefixes', become: [] },
  {
    tier: 'steer',
    many: '3,000 prefixes',
    become: ['setpriv', '--inh-caps', '-all', '--bounding-set', '-all'],
  },
] as const;

/**
 * What 1 GiB takes through the echo daemon and back, by the script that everybody can run. Needs root, and ncat.
 *
 * @param short shows only that it runs
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

/** Runs the script. @returns what gives the times of a case in s, round by round */
function measure(command: readonly string[]): (word: string) => number[] {
  const [file = '', ...args] = command;
  const output = execFileSync(file, args, { encoding: 'utf8', env: benchEnvironment() });
  const lines = output.trimEnd().split('\n');
  const rounds = lines.map((line) => line.split(' ')).sort(([a], [b]) => Number(a) - Number(b));
  return (word) => rounds.filter(([, name]) => name === word).map(([, , ns]) => Number(ns) / 1e9);
}
