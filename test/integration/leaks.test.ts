import { expect, it, vi } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { untilEnded } from '../support/processes.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, run, start } from '../support/run.js';

const LAUNCHES = 40;
const PORT = '7000';
const LIST = ['ls', '/proc/self/fd'];
const MINUTES = { timeout: 120_000 };

describeWith(['root', 'bpf', 'netns', 'bpftool'], `after ${LAUNCHES} launches`, () => {
  const network = makeNetwork();
  const wrapped = (tier: string, ...target: string[]) => [
    ...network.server,
    ...[installed('alfwrapper'), '-v', '--tier', tier, '--port', PORT, '--allow', '127.0.0.0/8,::1', '--'],
    ...target,
  ];

  /** How many descriptors a program has that is started directly: stdio, and what the tests themselves were given. */
  async function countDirect(): Promise<number> {
    return (await run([...network.server, ...LIST])).stdout.split('\n').length;
  }

  /** Every socket of the server; connections that are over may linger for a while. */
  async function sockets(): Promise<string> {
    const { stdout } = await run([...network.server, 'ss', '-Haut', 'exclude', 'time-wait']);
    return stdout;
  }

  /** What bpftool tells of a kind of object. */
  async function bpftool<T>(...args: string[]): Promise<T> {
    const { status, stdout, stderr } = await run(['bpftool', '-j', ...args]);
    if (status !== 0) throw new Error(`bpftool ${args.join(' ')}: ${stderr || stdout}`);
    return JSON.parse(stdout) as T;
  }

  /** The maps inside those of a program that hold maps: the pages of its policy. */
  async function pagesOf(maps: readonly number[]): Promise<number[]> {
    const shown = await Promise.all(
      maps.map((id) => bpftool<{ id: number; type: string }>('map', 'show', 'id', String(id))),
    );
    const outer = shown.find(({ type }) => type === 'array_of_maps');
    const slots = await bpftool<{ value: string[] }[]>('map', 'dump', 'id', String(outer?.id));
    return slots.map(({ value }) => Buffer.from(value.map(Number)).readUInt32LE());
  }

  it(
    'on tier steer, companions and sinks are gone, and the target had its listener only',
    MINUTES,
    async () => {
      const direct = await countDirect();
      const companions: number[] = [];
      for (let i = 0; i < LAUNCHES; i++) {
        // The first bind of a launch fails if anything at all is left on the port.
        const { status, stdout, stderr } = await run(wrapped('steer', ...LIST));
        expect({ i, status, files: stdout.split('\n').length }).toEqual({ i, status: 0, files: direct + 1 });
        const pid = Number(/companion is process (\d+)/.exec(stderr)?.[1]);
        expect(pid).toBeGreaterThan(1);
        companions.push(pid);
        await untilEnded([pid]);
      }
      await untilEnded(companions);
      expect(await sockets()).toBe('');
    },
  );

  it('on tier classic, no socket is left, and the target had its listener only', MINUTES, async () => {
    const direct = await countDirect();
    for (let i = 0; i < LAUNCHES; i++) {
      const { status, stdout, stderr } = await run(wrapped('classic', ...LIST));
      expect({ i, status, files: stdout.split('\n').length }).toEqual({ i, status: 0, files: direct + 1 });
      expect(stderr).not.toContain('companion');
    }
    expect(await sockets()).toBe('');
  });

  it('on tier ebpf, programs and maps are gone', MINUTES, async () => {
    const programs = new Set<number>();
    const maps = new Set<number>();
    for (let i = 0; i < LAUNCHES; i++) {
      const daemon = start(wrapped('ebpf', fixture('echo')));
      await daemon.until(/ready/);
      const [, id = ''] = await daemon.until(/\(program (\d+)\)/);
      const { map_ids } = await bpftool<{ map_ids: number[] }>('prog', 'show', 'id', id);
      programs.add(Number(id));
      for (const map of map_ids) maps.add(map);
      for (const page of await pagesOf(map_ids)) maps.add(page);
      await daemon.kill('SIGKILL');
    }
    expect(programs.size).toBe(LAUNCHES);
    expect(maps.size).toBeGreaterThanOrEqual(4 * LAUNCHES);
    expect(await sockets()).toBe('');
    // The kernel frees them a grace period later.
    const left = async (kind: 'prog' | 'map', ids: ReadonlySet<number>) =>
      (await bpftool<{ id: number }[]>(kind, 'show')).filter(({ id }) => ids.has(id));
    const nothing = async () =>
      expect([await left('prog', programs), await left('map', maps)]).toEqual([[], []]);
    await vi.waitFor(nothing, { timeout: 10_000, interval: 200 });
  });
});
