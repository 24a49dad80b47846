import { describe, expect, it } from 'vitest';
import type { UnixListener } from '../../../src/plan/index.js';
import { openFake } from '../support/fake-kernel.js';

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

const EADDRINUSE = 98;
const ECONNREFUSED = 111;
const EPROTOTYPE = 91;

/** bind(2) under a umask. */
const bind = (address: string) => ['umask(0117)', `bind(7, unix ${address})`, 'umask(0022)'];

describe('a UNIX listener', () => {
  it('is bound with its permissions, listens, and is unlinked when it is closed', () => {
    expect(openFake(listener('/run/a')).calls).toEqual([
      'socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0)',
      ...bind('/run/a'),
      'listen(7, 4096)',
      // No other process may take it for one that was left behind.
      'unlink(/run/a)',
      'close(7)',
    ]);
  });

  it('has nothing to unlink in the abstract namespace', () => {
    const { calls } = openFake(listener('@a'));
    expect(calls).toContain('bind(7, unix @a)');
    expect(calls.at(-1)).toBe('close(7)');
  });

  it('leaves no file where listening fails, and none that is not its own', () => {
    const failing = openFake(listener('/run/a'), { answers: { listen: -1 } });
    expect(failing.failure?.message).toBe('unable to listen on unix /run/a: operation not permitted');
    expect(failing.calls.slice(-2)).toEqual(['unlink(/run/a)', 'close(7)']);
    const unbound = openFake(listener('/run/a'), { answers: { bind: -2 } });
    expect(unbound.failure).toEqual({
      code: 'ALF_SOCKET',
      message: 'unable to bind unix /run/a: no such file or directory',
      errno: 'ENOENT',
      hint: 'its directory does not exist',
    });
    expect(unbound.calls.at(-1)).toBe('close(7)');
    expect(unbound.calls).toContain('umask(0022)');
  });
});

describe('a name that is taken', () => {
  /** The first bind(2) fails, a second one works. */
  const taken = { bind: `${-EADDRINUSE},0` };

  it('is refused where a process has the socket', () => {
    const { calls, failure, results } = openFake(listener('/run/a'), { answers: taken });
    expect(failure).toEqual({
      code: 'ALF_SOCKET',
      message: 'unable to bind unix /run/a: another socket has it',
      errno: 'EADDRINUSE',
      hint: 'see: ss -lxp',
    });
    expect(calls.some((call) => call.startsWith('unlink'))).toBe(false);
    expect(results('left')).toEqual([]);
  });

  it.each([
    [-EPROTOTYPE, { message: 'unable to bind unix /run/a: another socket has it', errno: 'EADDRINUSE' }],
    [
      -13,
      {
        message: 'unable to find out whether a process has unix /run/a: permission denied',
        errno: 'EACCES',
      },
    ],
  ])('is refused where connecting gives %i', (connect, failure) => {
    expect(openFake(listener('/run/a'), { answers: { ...taken, connect } }).failure).toMatchObject(failure);
  });

  it('is refused where no socket can be created to look', () => {
    const { failure } = openFake(listener('/run/a'), { answers: { ...taken, 5: -24 } });
    expect(failure).toMatchObject({
      message: 'unable to find out whether a process has unix /run/a: too many open files',
      errno: 'EMFILE',
    });
  });

  it('is replaced where no process has', () => {
    const { phase } = openFake(listener('/run/a'), { answers: { ...taken, connect: -ECONNREFUSED } });
    expect(phase('open').slice(1)).toEqual([
      ...bind('/run/a'),
      'socket(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0)',
      'connect(8, unix /run/a)',
      'close(8)',
      'lstat(/run/a)',
      'unlink(/run/a)',
      ...bind('/run/a'),
      'listen(7, 4096)',
    ]);
  });

  it('is refused where the old file cannot be removed', () => {
    const answers = { ...taken, connect: -ECONNREFUSED, unlink: -13 };
    expect(openFake(listener('/run/a'), { answers }).failure).toMatchObject({
      code: 'ALF_SOCKET',
      message: 'unable to replace the socket /run/a that no process listens on: permission denied',
    });
  });

  it.each([{ file: 'regular' }, { lstat: -2 }])('is refused where it is not a socket: %j', (file) => {
    const answers = { ...taken, ...file, connect: -ECONNREFUSED };
    const { calls, failure } = openFake(listener('/run/a'), { answers });
    expect(failure).toEqual({
      code: 'ALF_SOCKET',
      message: 'unable to bind unix /run/a: a file that is not a socket has this path',
      errno: 'EADDRINUSE',
      hint: 'move it, or listen elsewhere',
    });
    expect(calls.some((call) => call.startsWith('unlink'))).toBe(false);
  });

  it('is refused in the abstract namespace, where nothing is left behind', () => {
    const { calls, failure } = openFake(listener('@a'), { answers: { bind: -EADDRINUSE } });
    expect(failure).toMatchObject({
      message: 'unable to bind unix @a: address already in use',
      hint: 'another socket has this name; see: ss -lxp',
    });
    expect(calls.some((call) => call.startsWith('connect'))).toBe(false);
  });
});
