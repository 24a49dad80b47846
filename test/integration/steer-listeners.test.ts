import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { attempt } from '../support/client.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, run, start } from '../support/run.js';
import {
  companionsOf,
  drive,
  fixedPort,
  hasEnded,
  killBoth,
  probe,
  serve,
  waitFor,
} from '../support/steer.js';
import { AS_NOBODY } from '../support/users.js';

const TO = '127.0.0.1';
const DENIED = '127.0.0.2';
const ECHO = fixture('echo');
const AT_MOST_MS = 5000;
/** The long form: ALF_CHURN_MS=60000 */
const CHURN_MS = Number(process.env['ALF_CHURN_MS'] ?? 4000);

const OTHER_USER = [
  'setpriv',
  ...['--reuid', '65533', '--regid', '65533', '--clear-groups'],
  ...['--bounding-set', '-all', '--inh-caps', '-all'],
];

/** A listener's descriptor must not be inherited; those of a test runner may be among the first 300. */
const CLOSE_INHERITED = 'for fd in {3..400}; do eval "exec $fd>&-"; done; exec "$@"';

/** A daemon in the background whose first process has ended. */
async function serveInBackground(action: 'background' | 'pause-listening') {
  const target = [fixture('steer-target'), action, '--', ECHO];
  const port = fixedPort();
  const daemon = start(drive({ listeners: [`tcp,${TO},${port}`], target }), { cwd: '/' });
  const [, child] = await daemon.until(/^child is (\d+)$/m);
  onTestFinished(() => {
    if (!hasEnded(Number(child))) process.kill(Number(child), 'SIGKILL');
  });
  await daemon.until(/^ready$/m);
  const companion = Number(/companion is process (\d+)/.exec(daemon.stderr())?.[1]);
  await waitFor(() => hasEnded(daemon.pid), AT_MOST_MS);
  return { port, companion, child: Number(child) };
}

describeWith(['root'], 'the companion leaves on evidence only', () => {
  it('another user who hides the listener in /proc/net/tcp does not make it leave', {
    timeout: 120_000,
  }, async () => {
    const { port, companion, child } = await serveInBackground('background');
    const churn = await run([...OTHER_USER, fixture('listener-churn'), String(port), String(CHURN_MS)]);
    console.log(churn.stdout.trim());
    expect(churn).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^aligned\nopened \d{4,} times\n$/),
    });
    expect((await companionsOf(companion)).map(hasEnded)).toEqual([false, false]);
    expect(await probe({ from: DENIED, to: TO, port, durationMs: 200 })).toMatchObject({ connected: 0 });
    expect(await attempt([], { from: TO, to: TO, port })).toBe('echo');
    process.kill(child, 'SIGKILL');
    await waitFor(() => hasEnded(companion), AT_MOST_MS);
  });

  it('a listener that is shut down for a while is still filtered when it listens again', async () => {
    const { port, companion } = await serveInBackground('pause-listening');
    expect(hasEnded(companion)).toBe(false);
    expect(await attempt([], { from: TO, to: TO, port })).toBe('echo');
    expect(await probe({ from: DENIED, to: TO, port, durationMs: 200 })).toMatchObject({ connected: 0 });
  });
});

describe('many listeners', () => {
  it('are held by one companion, 300 of them', { timeout: 180_000 }, async () => {
    const listeners = Array.from({ length: 300 }, () => 'tcp,127.0.0.1,0');
    const as = ['bash', '-c', CLOSE_INHERITED, 'bash', ...AS_NOBODY];
    const daemon = await serve({ listeners, as, target: [ECHO] });
    const ports = [...daemon.stderr().matchAll(/:(\d+)\): tier steer/g)].map(([, port]) => Number(port));
    expect(ports).toHaveLength(300);
    for (const port of [ports[0], ports[256], ports[299]]) {
      expect(await attempt([], { from: TO, to: TO, port: port ?? 0 })).toBe('echo');
      expect(await attempt([], { from: DENIED, to: TO, port: port ?? 0, timeoutMs: 200 })).toBe('timeout');
    }
    await daemon.kill('SIGKILL');
    await waitFor(() => hasEnded(daemon.companion), AT_MOST_MS);
  });
});

describe('the companion under the sanitizer for undefined behaviour', () => {
  it('starts, replaces a process, leaves with the target, and kills it', { timeout: 120_000 }, async () => {
    const root = mkdtempSync(join(tmpdir(), 'alfwrapper-sanitized-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    chmodSync(root, 0o755);
    cpSync(installed('.'), root, { recursive: true, preserveTimestamps: true });
    const sources = readdirSync('native/programs/companion').filter((name) => name.endsWith('.c'));
    const flags = ['-O1', '-Wall', '-Wextra', '-Werror', '-fsanitize=undefined', '-fno-sanitize-recover=all'];
    const files = [
      ...sources.map((name) => join('native/programs/companion', name)),
      ...readdirSync('native/runtime')
        .filter((name) => name.endsWith('.c'))
        .map((name) => join('native/runtime', name)),
    ];
    execFileSync('cc', [...flags, ...files, '-o', join(root, 'build/native/alf-companion')]);
    const daemon = await serve({ root, target: [ECHO] });
    const [first, second] = await companionsOf(daemon.companion);
    process.kill(first, 'SIGKILL');
    await waitFor(() => hasEnded(first), AT_MOST_MS);
    const replaced = await companionsOf(second);
    expect(await attempt([], { from: TO, to: TO, port: daemon.port })).toBe('echo');
    await daemon.kill('SIGKILL');
    await waitFor(() => replaced.every(hasEnded), AT_MOST_MS);
    const other = await serve({ root, target: [ECHO] });
    await killBoth(other.companion);
    await waitFor(() => hasEnded(other.pid), AT_MOST_MS);
  });
});
