import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readFrom } from '../support/accept.js';
import { attempt } from '../support/client.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, run, start } from '../support/run.js';
import {
  childrenOf,
  companionsOf,
  drive,
  hasEnded,
  killBoth,
  livingCompanions,
  lookAt,
  probe,
  serve,
  waitFor,
} from '../support/steer.js';
import { socketsOf, waitForTies } from '../support/steer-daemon.js';
import { AS_NOBODY } from '../support/users.js';

const ECHO = fixture('echo');
const TO = '127.0.0.1';

/** Whatever a loaded machine may add to milliseconds. */
const AT_MOST_MS = 2000;

/** Of a companion with one listener that has found no process yet: the sink, its peer, and the tie of the target. */
const BARE_SOCKETS = 3;

/** When the first surveys are over. */
const SURVEYED_MS = 600;

/** What the descriptors of a process are: `socket`, `pidfd`, … */
function kindsOfFiles(pid: number): string[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return 'closed meanwhile';
    }
  });
  return links
    .map((link) => /^anon_inode:\[(\w+)\]$|^(socket):/.exec(link)?.slice(1).join('') ?? link)
    .sort();
}

describeWith(['root'], 'the companion, into which root may look', () => {
  it('holds the sinks, watches the target, and nothing else', async () => {
    const listeners = ['tcp,127.0.0.1,0', 'tcp,::,0'];
    const { companion, pid } = await serve({ listeners, target: [ECHO] });
    // Two sinks with their peers; a tie of the target, and one that the first survey adds.
    const expected = [...Array(6).fill('socket'), 'eventpoll', ...Array(3).fill('pidfd')].sort();
    let kinds: string[] = [];
    // A survey holds directories of /proc for a moment.
    await waitFor(() => {
      kinds = kindsOfFiles(companion);
      return kinds.join() === expected.join();
    }, AT_MOST_MS).catch(() => undefined);
    expect(kinds).toEqual(expected);
    expect(readlinkSync(`/proc/${companion}/cwd`)).toBe('/');
    const status = readFileSync(`/proc/${companion}/status`, 'latin1');
    expect(status).toMatch(/^Name:\talf-companion$/m);
    expect(status).toMatch(/^CapPrm:\t0+$/m);
    const rss = Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]);
    console.log(`companion: VmRSS ${rss} kB`);
    expect(rss).toBeLessThan(1024);
    expect(lookAt(companion)?.parent).not.toBe(pid);
  });

  it('takes a daemon in the background with it whose first thread has ended', async () => {
    const { companion, port, stdout } = await serve({ target: [fixture('steer-daemon'), 'thread'] });
    const [, pid] = await vi.waitFor(() => /serving (\d+)/.exec(stdout()) ?? Promise.reject(), AT_MOST_MS);
    await vi.waitFor(() => expect(lookAt(Number(pid))?.state).toBe('Z'), AT_MOST_MS);
    expect(await readFrom(port)).toBe('served');
    await waitForTies(companion, 'thread');
    await killBoth(companion);
    const answer = () => attempt([], { from: TO, to: TO, port });
    await expect.poll(answer, { timeout: AT_MOST_MS }).toBe('ECONNREFUSED');
  });

  it('looks at no process of another PID namespace, whose ids mean other processes here', async () => {
    // The first one has a /proc of its own, which is that of another for the second.
    const within = ['unshare', '--pid', '--fork', '--kill-child'];
    const { pid } = await serve({ as: [...within, '--mount-proc', ...within], target: [ECHO] });
    const [init = 0] = childrenOf(pid);
    const [companion = 0] = childrenOf(childrenOf(init)[0] ?? 0);
    expect(livingCompanions(lookAt(companion)?.session ?? 0)).toHaveLength(2);
    await new Promise((resolve) => setTimeout(resolve, SURVEYED_MS));
    expect(socketsOf(companion)).toHaveLength(BARE_SOCKETS);
  });
});

describe('the companion', () => {
  it('is no child of the target, and the target has none', async () => {
    const target = [fixture('steer-target'), 'wait', '--', ECHO];
    const { pid, stdout } = await serve({ target });
    expect(stdout()).toContain('wait ECHILD');
    expect(childrenOf(pid)).toEqual([]);
  });

  it('is no child of a target that adopts orphans, and lets it go on adopting', async () => {
    const target = [fixture('steer-target'), 'wait', 'adopting', '--', ECHO];
    const { pid, stdout, companion } = await serve({
      as: [fixture('steer-adopt'), 'self', ...AS_NOBODY],
      target,
    });
    expect(stdout()).toContain('wait ECHILD');
    expect(stdout()).toContain('adopting succeeded');
    expect(lookAt(companion)?.parent).not.toBe(pid);
  });

  it('ends with the target, and is reaped by whoever adopts it', async () => {
    const took: number[] = [];
    for (let round = 0; round < 5; round++) {
      const adopter = start([fixture('steer-adopt'), 'parent', ...drive({ target: [ECHO] })], {
        cwd: '/',
      });
      await adopter.until(/^ready$/m);
      const [, port] = /:(\d+)\): tier/.exec(adopter.stderr()) ?? [];
      const companion = Number(/companion is process (\d+)/.exec(adopter.stderr())?.[1]);
      expect(lookAt(companion)?.parent).toBe(adopter.pid);
      const [daemon = 0] = childrenOf(adopter.pid).filter((child) => child !== companion);
      expect(await attempt([], { from: TO, to: TO, port: Number(port) })).toBe('echo');
      process.kill(daemon, 'SIGKILL');
      took.push(await waitFor(() => lookAt(companion) === undefined, AT_MOST_MS));
      const { stdout } = await adopter.ended();
      expect(stdout).toContain(`reaped ${companion}`);
    }
    console.log(`companion: gone after ${took.map((ms) => ms.toFixed(1)).join(', ')} ms`);
  });

  it('is deaf to signals for everybody', async () => {
    const { companion, port } = await serve({ target: [ECHO] });
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1'] as const)
      process.kill(companion, signal);
    expect(await attempt([], { from: TO, to: TO, port })).toBe('echo');
    expect(hasEnded(companion)).toBe(false);
  });

  it.each([0, 1])('replaces process %i of the two if it is killed', async (victim) => {
    const { companion, pid, port } = await serve({ target: [ECHO] });
    const probing = probe({ from: '127.0.0.2', to: TO, port, durationMs: 600 });
    const before = await companionsOf(companion);
    const killed = before[victim] ?? 0;
    process.kill(killed, 'SIGKILL');
    await waitFor(() => hasEnded(killed), AT_MOST_MS);
    const after = await companionsOf(before[1 - victim] ?? 0);
    expect(after.filter((each) => before.includes(each))).toEqual([before[1 - victim]]);
    expect(await probing).toMatchObject({ connected: 0, served: 0 });
    expect(await attempt([], { from: TO, to: TO, port })).toBe('echo');
    expect(hasEnded(pid)).toBe(false);
  });

  it('takes the target with it if both are killed: nobody is served without a sink', async () => {
    const { companion, pid, port, ended } = await serve({ target: [ECHO] });
    const probing = probe({ from: '127.0.0.2', to: TO, port, durationMs: 600 });
    await killBoth(companion);
    const took = await waitFor(() => hasEnded(pid), AT_MOST_MS);
    expect((await ended()).signal).toBe('SIGKILL');
    const seen = await probing;
    console.log(`companion killed: target ended after ${took.toFixed(1)} ms, ${JSON.stringify(seen)}`);
    expect(seen.served).toBe(0);
  });

  it('leaves the rest of the process group alone when it ends with the target', async () => {
    const bystander = `sleep 30 & exec "$@"`;
    const command = ['setsid', 'sh', '-c', bystander, 'sh', ...drive({ target: [ECHO], as: [] })];
    const daemon = start(command, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
    await daemon.until(/^ready$/m);
    const companion = Number(/companion is process (\d+)/.exec(daemon.stderr())?.[1]);
    const [sleeper = 0] = childrenOf(daemon.pid);
    onTestFinished(() => void process.kill(sleeper, 'SIGKILL'));
    process.kill(daemon.pid, 'SIGKILL');
    await waitFor(() => hasEnded(companion), AT_MOST_MS);
    expect(hasEnded(sleeper)).toBe(false);
  });

  it('stays for a daemon that goes into the background, and leaves with it', async () => {
    const target = [fixture('steer-target'), 'background', '--', 'sh', '-c', `sleep 0.3; exec ${ECHO}`];
    const daemon = start(drive({ target }), { cwd: '/' });
    const [, child] = await daemon.until(/^child is (\d+)$/m);
    const companion = Number(/companion is process (\d+)/.exec(daemon.stderr())?.[1]);
    const port = Number(/:(\d+)\): tier/.exec(daemon.stderr())?.[1]);
    onTestFinished(() => {
      if (!hasEnded(Number(child))) process.kill(Number(child), 'SIGKILL');
    });
    await daemon.until(/^ready$/m);
    await waitFor(() => hasEnded(daemon.pid), AT_MOST_MS);
    expect(await attempt([], { from: TO, to: TO, port })).toBe('echo');
    expect(await probe({ from: '127.0.0.2', to: TO, port, durationMs: 300 })).toMatchObject({
      connected: 0,
      refused: 0,
    });
    process.kill(Number(child), 'SIGKILL');
    const took = await waitFor(() => hasEnded(companion), AT_MOST_MS);
    console.log(`companion: gone ${took.toFixed(1)} ms after a daemon in the background`);
  });

  it('fails the launch if it cannot be started', async () => {
    const root = mkdtempSync(join(tmpdir(), 'alfwrapper-companionless-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    chmodSync(root, 0o755);
    cpSync(installed('.'), root, { recursive: true, preserveTimestamps: true });
    rmSync(join(root, 'build/native/alf-companion'));
    const result = await run(drive({ root, target: ['echo', 'running'] }), { cwd: '/' });
    expect(result.status).toBe(125);
    expect(result.stdout).toBe('');
    expect(result.stderr).toMatch(
      /^alfwrapper: unable to start \S+alf-companion: no such file or directory \(ENOENT\)$/m,
    );
  });
});

describeWith(['root'], 'the companion of an init', () => {
  it('ends with the PID namespace', async () => {
    const { stdout, stderr, status } = await run([
      ...['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'],
      ...drive({ as: [], target: ['sh', '-c', 'ps -o pid=,ppid=,comm= -A; exit 7'] }),
    ]);
    expect(status).toBe(7);
    expect(stderr).toMatch(/companion is process \d+/);
    expect(stdout).toMatch(/^ +\d+ +1 alf-companion$/m);
  });
});
