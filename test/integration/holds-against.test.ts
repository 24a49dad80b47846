import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attempt } from '../support/client.js';
import { describeWith } from '../support/requires.js';
import { fixture, type Running, run, start } from '../support/run.js';
import { drive, MISTAKES, probe, type Served, serve } from '../support/steer.js';
import { AS_NOBODY, asNobodyWith } from '../support/users.js';

const TIERS = ['ebpf', 'classic', 'steer'] as const;
type Tier = (typeof TIERS)[number];

const ALLOWED = '127.0.0.1';
const DENIED = '127.0.0.2';
const TO = '127.0.0.1';

/** A user who may use each tier; the daemon gets none of these. */
const LAUNCHER = asNobodyWith('+bpf', '+net_admin');
const SAME_USER = AS_NOBODY;
const OTHER_USER = AS_NOBODY.map((word) => (word === '65534' ? '65533' : word));

const ECHO = [fixture('echo')];
const listeners = ['tcp,0.0.0.0,0'];

const launch = (tier: Tier, target: readonly string[], lock = true) => ({
  ...{ tier, lock, listeners, as: LAUNCHER, target },
});

/** Whether a denied client cannot connect, with either hop limit. */
async function keepsOut(port: number): Promise<boolean> {
  const seen = [];
  for (const hops of [64, 255]) seen.push(await probe({ from: DENIED, to: TO, port, durationMs: 150, hops }));
  expect(Math.min(...seen.map(({ attempts }) => attempts))).toBeGreaterThan(0);
  return seen.every(({ connected, served }) => connected === 0 && served === 0);
}

/** A daemon that does something with its listener, then waits. */
const misbehave = (tier: Tier, ...words: string[]) =>
  serve(launch(tier, [fixture('second-socket'), ...words, 'wait']));

/** Another process that does something to a daemon's listener, then waits. */
async function attack(as: readonly string[], ...words: string[]): Promise<Running> {
  const attacker = start([...as, fixture('second-socket'), ...words, 'wait']);
  await attacker.until(/^ready$/m);
  return attacker;
}

const takeAddress = ({ port }: Served, as: readonly string[]) =>
  attack(as, `tcp:${port}`, 'bind-specific', 'bind-shared', 'detach');

/** The rows of the table, and an attack for each. Returns whether the tier holds. */
const SHOWN: Readonly<Record<string, (tier: Tier) => Promise<boolean>>> = {
  'a denied peer, with any packets': async (tier) => {
    const { port } = await serve(launch(tier, ECHO));
    expect(await attempt([], { from: ALLOWED, to: TO, port })).toBe('echo');
    return keepsOut(port);
  },
  'a daemon that detaches the filter by mistake': async (tier) => {
    const target = [fixture('steer-target'), ...MISTAKES, '--', ...ECHO];
    const unlocked = await serve(launch(tier, target, false));
    expect(await keepsOut(unlocked.port)).toBe(false);
    const { port } = await serve(launch(tier, target));
    return keepsOut(port);
  },
  'another user of the machine': async (tier) => {
    const served = await serve(launch(tier, ECHO));
    await takeAddress(served, OTHER_USER);
    for (const pid of [served.pid, served.companion].filter((each) => each !== 0)) {
      const taken = await run([...OTHER_USER, fixture('second-socket'), `tcp:${served.port}`, `take:${pid}`]);
      expect(taken.stdout).toBe(`take:${pid} EPERM\n`);
      expect((await run([...OTHER_USER, '/bin/kill', '-KILL', String(pid)])).status).toBe(1);
    }
    expect(await attempt([], { from: ALLOWED, to: TO, port: served.port })).toBe('echo');
    return keepsOut(served.port);
  },
  'a daemon taken over by an attacker: packets on its listeners': async (tier) => {
    const command = drive(
      launch(tier, [fixture('second-socket'), 'detach-filter', 'relisten-accepted', 'wait']),
    );
    const daemon = start(command, { cwd: '/' });
    await daemon.until(/^detach-filter EPERM$/m);
    const port = Number(/:(\d+)\): tier/.exec(daemon.stderr())?.[1]);
    const accepted = attempt([], { from: ALLOWED, to: TO, port });
    await daemon.until(/^ready$/m);
    await accepted;
    return keepsOut(port);
  },
  'the same daemon: the address of its listeners': async (tier) => {
    if (tier === 'steer')
      return SHOWN['a daemon taken over by an attacker: packets on its listeners']?.(tier) ?? true;
    return keepsOut((await misbehave(tier, 'reuseport', 'bind-specific')).port);
  },
  'another process of the same user': async (tier) => {
    if (tier !== 'steer') {
      const sharing = await misbehave(tier, 'reuseport');
      await takeAddress(sharing, SAME_USER);
      expect(await keepsOut(sharing.port)).toBe(false);
    }
    const served = await serve(launch(tier, ECHO));
    await takeAddress(served, SAME_USER);
    return keepsOut(served.port);
  },
  root: async (tier) => {
    const { pid, port } = await serve(launch(tier, ECHO));
    const attacker = await attack([], `tcp:${port}`, `take:${pid}`, 'detach-filter', 'clear');
    expect(attacker.stdout()).toContain('succeeded\ndetach-filter EPERM\nclear succeeded');
    return keepsOut(port);
  },
  'sockets that the daemon opens itself': async (tier) => {
    const { stdout } = await misbehave(tier, 'own');
    return keepsOut(Number(/^own-port (\d+)$/m.exec(stdout())?.[1]));
  },
};

/** The cells of the table below "What each tier withstands", without its head. */
function readTable(): readonly (readonly string[])[] {
  const [, section = ''] = readFileSync('docs/tiers.md', 'utf8').split('## What each tier withstands\n');
  const [table = ''] = section.trim().split('\n\n');
  const rows = table.split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const TABLE = readTable();

describe('the table in docs/tiers.md', () => {
  it('has no statement that is not shown here', () => {
    expect(TABLE.map(([who]) => who)).toEqual(Object.keys(SHOWN));
  });
});

describeWith(['root', 'bpf'], 'what each tier withstands', () => {
  it.each(TIERS.flatMap((tier) => TABLE.map(([who = '', ...cells]) => [tier, who, cells] as const)))(
    '%s: %s',
    async (tier, who, [lockedCell = '', steerCell = '']) => {
      const cell = tier === 'steer' ? steerCell : lockedCell;
      expect(cell).toMatch(/^(yes|no|the filter, yes)\b/);
      expect(await SHOWN[who]?.(tier)).toBe(!cell.startsWith('no'));
    },
  );
});
