import { mkdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { hold, readFrom } from '../support/accept.js';
import { attempt } from '../support/client.js';
import { untilEnded } from '../support/processes.js';
import { describeWith } from '../support/requires.js';
import { fixture, run, start } from '../support/run.js';
import { compileSanitized } from '../support/sanitized.js';
import { makeSanitizedPackage, readReports, type SanitizedPackage } from '../support/sanitized-package.js';
import {
  childrenOf,
  companionsOf,
  hasEnded,
  kill,
  killBoth,
  type Served,
  serve,
  waitFor,
} from '../support/steer.js';
import { makeDirectory } from '../unit/support/directory.js';

const TO = '127.0.0.1';
const ALLOWED = '127.0.0.1';
const DENIED = '127.0.0.2';
/** For a loaded machine. */
const AT_MOST_MS = 20_000;

let built: SanitizedPackage;

beforeAll(() => {
  built = makeSanitizedPackage();
});

afterEach(() => expect(built.reports()).toEqual([]));

afterAll(() => built.remove());

/** An echo daemon behind a companion. */
const launch = (...listeners: string[]): Promise<Served> =>
  serve({ root: built.root, listeners, target: [fixture('echo')] });

async function expectSteering(port: number): Promise<void> {
  expect(await attempt([], { from: ALLOWED, to: TO, port })).toBe('echo');
  expect(await attempt([], { from: DENIED, to: TO, port })).toBe('timeout');
}

describe('the companion, under sanitizers,', () => {
  it('holds its sinks and ends with the target', async () => {
    const { port, companion, kill: end } = await launch('tcp,127.0.0.1,0', 'tcp,::,0');
    const companions = await companionsOf(companion);
    await expectSteering(port);
    await end();
    await untilEnded(companions);
  });

  it.each([0, 1])('replaces the process that is killed: %i', async (victim) => {
    const { port, companion, pid } = await launch('tcp,127.0.0.1,0');
    const before = await companionsOf(companion);
    kill(before[victim] ?? 0);
    await untilEnded([before[victim] ?? 0]);
    const after = await companionsOf(before[1 - victim] ?? 0);
    expect(after).not.toEqual(before);
    await expectSteering(port);
    expect(hasEnded(pid)).toBe(false);
  });

  it('takes the target with it if both are killed', async () => {
    const { companion, pid } = await launch('tcp,127.0.0.1,0');
    await killBoth(companion);
    await waitFor(() => hasEnded(pid), AT_MOST_MS);
  });
});

describeWith(['root'], 'the programs of these tests', () => {
  it('are those under sanitizers', async () => {
    const { companion } = await launch('tcp,127.0.0.1,0');
    expect(readlinkSync(`/proc/${companion}/exe`)).toBe(join(built.root, 'build/native/alf-companion'));
  });
});

describe('the acceptor, under sanitizers,', () => {
  const accept = async (options: readonly string[], program: readonly string[]) => {
    const command = [join(built.root, 'alfwrapper'), '-v', '--accept', '--listen', '127.0.0.1:0', '--inetd'];
    const running = start([...command, '--allow', '127.0.0.0/8', ...options, '--', ...program]);
    const [, port] = await running.until(/\(127\.0\.0\.1:(\d+)\): tier [^\n]* fd \d+\n/);
    return { running, port: Number(port) };
  };

  it('starts a program for each of several connections', async () => {
    const { running, port } = await accept([], ['echo', 'served']);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => readFrom(port)));
    expect(answers).toEqual(Array(5).fill('served\n'));
    expect(await running.kill()).toMatchObject({ signal: 'SIGTERM' });
  });

  it('refuses connections beyond its limits', async () => {
    const { running, port } = await accept(['--max-connections', '3', '--max-per-source', '2'], ['cat']);
    const { holder, outcomes } = await hold([], TO, port, ['127.0.0.1*3', '127.0.0.3*2']);
    expect(outcomes).toEqual([
      { served: 2, ECONNRESET: 1 },
      { served: 1, ECONNRESET: 1 },
    ]);
    // One line a second at most.
    await running.until(
      /refused a connection from 127\.0\.0\.1: 2 from there are served \(--max-per-source\)/,
    );
    await vi.waitFor(() => expect(childrenOf(running.pid)).toHaveLength(3), { timeout: AT_MOST_MS });
    const pids = childrenOf(running.pid);
    await holder.kill();
    await untilEnded(pids);
    expect(await running.kill()).toMatchObject({ signal: 'SIGTERM' });
  });

  it('is killed with its programs', async () => {
    const { running, port } = await accept([], ['cat']);
    const { holder } = await hold([], TO, port, ['127.0.0.1*2']);
    await vi.waitFor(() => expect(childrenOf(running.pid)).toHaveLength(2), { timeout: AT_MOST_MS });
    const pids = childrenOf(running.pid);
    await running.kill('SIGKILL');
    await untilEnded(pids);
    await holder.kill();
  });

  it('goes on if a program cannot be executed', async () => {
    const script = join(makeDirectory(), 'program');
    writeFileSync(script, '#!/bin/sh\necho served\n', { mode: 0o755 });
    const { running, port } = await accept([], [script]);
    expect(await readFrom(port)).toBe('served\n');
    rmSync(script);
    expect(await readFrom(port)).toBe('');
    await running.until(/^alfwrapper: unable to execute \S+\/program: No such file or directory$/m);
    expect(await running.kill()).toMatchObject({ signal: 'SIGTERM' });
  });
});

describe('a report of a sanitizer', () => {
  it.each([
    ['AddressSanitizer', 'char *text = malloc(1); memset(text, 0, 1 + (size_t)argc); return text[0];'],
    ['signed integer overflow', 'return 0x7fffffff + argc;'],
  ])('is noticed: %s', async (words, body) => {
    const directory = makeDirectory();
    const path = (name: string) => join(directory, name);
    mkdirSync(path('reports'));
    writeFileSync(
      path('faulty.c'),
      `#include <stdlib.h>\n#include <string.h>\nint main(int argc, char **argv) { (void)argv; (void)argc; ${body} }\n`,
    );
    compileSanitized([path('faulty.c')], path('faulty'), path('reports'));
    const { status, stderr } = await run([path('faulty')], { env: {} });
    expect(status).not.toBe(0);
    expect(stderr).toBe('');
    expect(readReports(path('reports'))).toEqual([expect.stringContaining(words)]);
  });
});
