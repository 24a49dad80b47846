import { expect, it, vi } from 'vitest';
import { attempt } from '../support/client.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, type Running, run, start } from '../support/run.js';

const TIERS = ['ebpf', 'classic', 'steer'] as const;
const MINUTES = { timeout: 600_000 };
const FIRST_PORT = 7000;

describeWith(['root', 'bpf', 'netns', 'bpftool'], 'in numbers', () => {
  const network = makeNetwork();
  const [, , , namespace = ''] = network.server;

  /** What is left on the server: processes, and sockets but for connections that are over. */
  async function left(): Promise<string> {
    const processes = await run(['ip', 'netns', 'pids', namespace]);
    const sockets = await run([...network.server, 'ss', '-Haut', 'exclude', 'time-wait']);
    return processes.stdout + sockets.stdout;
  }

  /** Waits until nothing is left; a companion takes a moment. */
  const untilNothingIsLeft = () =>
    vi.waitFor(async () => expect(await left()).toBe(''), { timeout: 10_000, interval: 100 });

  /** Which of these programs the kernel still has. */
  async function programsAmong(ids: ReadonlySet<number>): Promise<number[]> {
    const { stdout } = await run(['bpftool', '-j', 'prog', 'show']);
    return (JSON.parse(stdout) as { id: number }[]).map(({ id }) => id).filter((id) => ids.has(id));
  }

  it('1,000 launches leave no descriptor, process, socket, program or pin', MINUTES, async () => {
    const launches = 1000;
    // The shell's own descriptors; no process more than it takes.
    const count = 'set -- /proc/self/fd/*; echo "files $#"';
    const launch = [
      // A port for each tier: a sink may be there a moment longer than its program, and only another sink waits for it.
      `tier=$(($0 % 3)); set -- ${TIERS.join(' ')}; shift $tier`,
      `exec ${installed('alfwrapper')} -v --tier $1 --port $((${FIRST_PORT} + $tier + 3 * SLOT)) --allow private -- sh -c '${count}'`,
    ].join('\n');
    // A bpffs of their own: what others pin meanwhile is not theirs.
    const script = [
      'mount -t bpf bpf /sys/fs/bpf',
      'before=$(mktemp)',
      'find /sys/fs/bpf -mindepth 1 >"$before"',
      `echo "direct $(sh -c '${count}')"`,
      `seq ${launches} | xargs -P 3 -n 1 --process-slot-var=SLOT sh -c "$0" 2>&1`,
      'find /sys/fs/bpf -mindepth 1 | diff - "$before" && echo "same pins"',
      'rm "$before"',
    ].join('\n');
    const { status, stdout } = await run([...network.server, 'sh', '-ec', script, launch]);
    const all = (pattern: RegExp) => [...stdout.matchAll(pattern)].map(([, number]) => Number(number));
    expect(stdout.match(/^alfwrapper: (unable|warning).*$/gm)).toBeNull();
    const [direct = Number.NaN] = all(/^direct files (\d+)$/gm);
    const files = all(/^files (\d+)$/gm);
    expect({ status, launches: files.length }).toEqual({ status: 0, launches });
    expect(stdout).toMatch(/^same pins$/m);
    expect(new Set(files)).toEqual(new Set([direct + 1]));
    expect(all(/^alfwrapper: companion is process (\d+)$/gm)).toHaveLength(333);
    await untilNothingIsLeft();
    const programs = new Set(all(/\(program (\d+)\)/g));
    expect(programs.size).toBe(333);
    // The kernel frees them a grace period later.
    const freed = async () => expect(await programsAmong(programs)).toEqual([]);
    await vi.waitFor(freed, { timeout: 10_000, interval: 200 });
  });

  it('200 wrapped daemons side by side serve whom they should, and end', MINUTES, async () => {
    const ports = Array.from({ length: 200 }, (_, i) => FIRST_PORT + i);
    const launch = async (port: number): Promise<Running> => {
      const tier = TIERS[port % TIERS.length] ?? 'ebpf';
      const options = ['--tier', tier, '--port', String(port), '--allow', 'private'];
      const daemon = start([...network.server, installed('alfwrapper'), ...options, '--', fixture('echo')]);
      await daemon.until(/^ready$/m);
      return daemon;
    };
    const daemons = await inTurns(ports, 4, launch);
    const visit = (from: 'private4' | 'public4') => (port: number) =>
      attempt(network.client, { from: ADDRESS.client[from], to: ADDRESS.server[from], port });
    expect(new Set(await inTurns(ports, 8, visit('private4')))).toEqual(new Set(['echo']));
    expect(new Set(await inTurns(ports, 50, visit('public4')))).toEqual(new Set(['timeout']));
    const ended = await Promise.all(daemons.map((daemon) => daemon.kill()));
    expect(new Set(ended.map(({ signal }) => signal))).toEqual(new Set(['SIGTERM']));
    await untilNothingIsLeft();
  });
});

/** Does something for each, some at a time. */
async function inTurns<T, R>(
  items: readonly T[],
  atATime: number,
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += atATime)
    results.push(...(await Promise.all(items.slice(i, i + atATime).map(act))));
  return results;
}
