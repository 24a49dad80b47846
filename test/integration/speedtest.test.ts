import { expect, it } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { installed, run } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

const SPREAD = String.raw`\d+\.\d{3} \(\d+\.\d{3} to \d+\.\d{3}\)`;

describeWith(['root', 'bpf', 'netns', 'ncat'], 'scripts/speedtest.sh', () => {
  const { server } = makeNetwork();
  const speedtest = (user: readonly string[], ...args: string[]) =>
    run([...server, ...user, installed('scripts/speedtest.sh'), ...args]);

  it.each([
    ['root', [], 'ebpf', 10_000],
    ['an ordinary user', AS_NOBODY, 'steer', 3000],
  ] as const)('runs as %s and says on which tier', { timeout: 180_000 }, async (_, user, tier, many) => {
    const { status, stdout, stderr } = await speedtest(user, '--short', '--size', '1');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const [head, none, few, long, end] = stdout.split('\n');
    expect(head).toBe(`1 MiB through the echo daemon and back, 2 rounds, tier ${tier}: median (quartiles)`);
    expect(none).toMatch(new RegExp(`^ {2}no filter +${SPREAD} s$`));
    expect(few).toMatch(new RegExp(`^ {2}15\\+15 rules +${SPREAD} s {2}${SPREAD} × no filter$`));
    expect(long).toMatch(new RegExp(`^ {2}${many} prefixes +${SPREAD} s {2}${SPREAD} × no filter$`));
    expect(end).toBe('');
  });

  it('prints the times alone', async () => {
    const { status, stdout } = await speedtest([], '--short', '--times', '--size', '1');
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/ \d+$/, '')).sort()).toEqual(
      ['1', '2'].flatMap((round) => ['few', 'many', 'none'].map((name) => `${round} ${name}`)),
    );
  });

  it.each([
    [['--size', '0'], 'speedtest: unable to understand --size 0\n  hint: it takes a number above 0\n'],
    [['--port'], 'speedtest: unable to understand --port \n  hint: it takes a number above 0\n'],
    [
      ['--fast'],
      'speedtest: unable to understand --fast\n  hint: scripts/speedtest.sh [--short] [--times] [--size MIB] [--rounds N] [--port FIRST]\n',
    ],
  ])('refuses %j', async (args, said) => {
    expect(await speedtest([], ...args)).toMatchObject({ status: 1, stdout: '', stderr: said });
  });

  it('passes on what the daemon says that does not start', async () => {
    const { status, stdout, stderr } = await speedtest([], '--short', '--port', '99999');
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/99999.*\n/);
    expect(stderr).toMatch(/^speedtest: unable to start the daemon \((none|few|many)\)$/m);
  });
});
