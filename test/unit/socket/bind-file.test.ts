import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { UnixListener } from '../../../src/plan/index.js';
import { openListener } from '../../../src/socket/index.js';
import { makeDirectory } from '../support/directory.js';
import { failureOf } from '../support/failure.js';
import { CONSTANTS, fakeCore } from '../support/fake-core.js';

const listener = (path: string): UnixListener => ({
  label: `unix ${path}`,
  socket: { type: 'stream', path },
  mode: 0o660,
  options: [],
  tier: 'none',
  lock: false,
  fd: 3,
  fdname: 'a',
});

const IN_USE = -CONSTANTS.EADDRINUSE;

describe('a UNIX listener', () => {
  it('is bound with its permissions, listens, and is unlinked when it is closed', () => {
    const { core, calls } = fakeCore();
    openListener(core, listener('/run/a'), undefined).close();
    expect(calls).toEqual([
      'socket(101, 201, 0)',
      'bindFile(7, 9 bytes, 432)',
      'listen(7, 4096)',
      'close(7)',
      'unlink(6 bytes)',
    ]);
  });

  it('has nothing to unlink in the abstract namespace', () => {
    const { core, calls } = fakeCore();
    openListener(core, listener('@a'), undefined).close();
    expect(calls.at(-1)).toBe('close(7)');
  });

  it('leaves no file where listening fails, and none that is not its own', () => {
    const failing = fakeCore({ listen: -1 });
    expect(failureOf(() => openListener(failing.core, listener('/run/a'), undefined)).message).toBe(
      'unable to listen on unix /run/a: operation not permitted',
    );
    expect(failing.calls.slice(-2)).toEqual(['close(7)', 'unlink(6 bytes)']);
    const unbound = fakeCore({ bindFile: -2 });
    expect(failureOf(() => openListener(unbound.core, listener('/run/a'), undefined))).toEqual({
      code: 'ALF_SOCKET',
      message: 'unable to bind unix /run/a: no such file or directory',
      errno: 'ENOENT',
      hint: 'its directory does not exist',
    });
    expect(unbound.calls.at(-1)).toBe('close(7)');
  });
});

describe('a name that is taken', () => {
  const bound = 2;
  const taken = { [bound]: IN_USE };

  it('is refused where somebody has the socket', () => {
    const { core, calls } = fakeCore(taken);
    expect(failureOf(() => openListener(core, listener('/run/a'), undefined))).toEqual({
      code: 'ALF_SOCKET',
      message: 'unable to bind unix /run/a: another socket has it',
      errno: 'EADDRINUSE',
      hint: 'see: ss -lxp',
    });
    expect(calls.some((call) => call.startsWith('unlink'))).toBe(false);
  });

  it.each([
    [
      -CONSTANTS.EPROTOTYPE,
      { message: 'unable to bind unix /run/a: another socket has it', errno: 'EADDRINUSE' },
    ],
    [
      -13,
      { message: 'unable to find out whether anybody has unix /run/a: permission denied', errno: 'EACCES' },
    ],
  ])('is refused where connecting gives %i', (connect, failure) => {
    const { core } = fakeCore({ ...taken, connect });
    expect(failureOf(() => openListener(core, listener('/run/a'), undefined))).toMatchObject(failure);
  });

  it('is replaced where nobody has', () => {
    const path = join(makeDirectory(), 'stale');
    const server = createServer().listen(path);
    onTestFinished(() => void server.close());
    const { core, calls } = fakeCore({ ...taken, connect: -CONSTANTS.ECONNREFUSED });
    openListener(core, listener(path), undefined);
    expect(calls.slice(1, 8).map((call) => call.replace(/\(.*/, ''))).toEqual([
      'bindFile',
      'socket',
      'connect',
      'close',
      'unlink',
      'bindFile',
      'listen',
    ]);
  });

  it('is refused where it is no socket', () => {
    const path = join(makeDirectory(), 'file');
    writeFileSync(path, 'precious');
    const { core } = fakeCore({ ...taken, connect: -CONSTANTS.ECONNREFUSED });
    expect(failureOf(() => openListener(core, listener(path), undefined))).toEqual({
      code: 'ALF_SOCKET',
      message: `unable to bind unix ${path}: a file that is no socket is in the way`,
      errno: 'EADDRINUSE',
      hint: 'move it, or listen elsewhere',
    });
  });

  it('is refused in the abstract namespace, where nothing is left behind', () => {
    const { core } = fakeCore({ bindFile: -98 });
    expect(failureOf(() => openListener(core, listener('@a'), undefined))).toMatchObject({
      message: 'unable to bind unix @a: address already in use',
      hint: 'another socket has this name; see: ss -lxp',
    });
  });
});
