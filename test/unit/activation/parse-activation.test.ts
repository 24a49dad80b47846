import { describe, expect, it } from 'vitest';
import { parseActivation } from '../../../src/activation/index.js';
import { failureOf } from '../support/failure.js';

const parse = (variables: Record<string, string>, pidfdId = 77n) =>
  parseActivation((name) => variables[name], { pid: 42, pidfdId: () => pidfdId });

const OURS = { LISTEN_PID: '42', LISTEN_FDS: '2' };

describe('sockets that were passed in', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['have their names', { ...OURS, LISTEN_FDNAMES: 'web:dns' }, ['web', 'dns']],
    ['have names that may be empty', { ...OURS, LISTEN_FDNAMES: ':' }, ['', '']],
    ['are unknown without names', OURS, ['unknown', 'unknown']],
    [
      'are for this process by the inode of its pidfd',
      { ...OURS, LISTEN_PIDFDID: '77' },
      ['unknown', 'unknown'],
    ],
    ['are not there without variables', {}, []],
    ['are not there without a process id', { LISTEN_FDS: '2' }, []],
    ['are not there without a number', { LISTEN_PID: '42' }, []],
    ['are ignored if they are for another process', { ...OURS, LISTEN_PID: '41' }, []],
    ['are ignored if they were for an earlier process', { ...OURS, LISTEN_PIDFDID: '76' }, []],
    ['are ignored if LISTEN_PIDFDID is not a number', { ...OURS, LISTEN_PIDFDID: 'x' }, []],
    ['may be 0 in number', { LISTEN_PID: '42', LISTEN_FDS: '0', LISTEN_FDNAMES: '' }, []],
  ])('%s', (_, variables, names) => {
    expect(parse(variables)).toEqual(names);
  });

  it('are for this process if the kernel has no such inodes', () => {
    expect(parse({ ...OURS, LISTEN_PIDFDID: '76' }, 0n)).toHaveLength(2);
  });

  it.each<[Record<string, string>, string]>([
    [{ LISTEN_PID: 'self', LISTEN_FDS: '1' }, 'LISTEN_PID is not a number: self'],
    [{ LISTEN_PID: '', LISTEN_FDS: '1' }, 'LISTEN_PID is not a number: ""'],
    [{ LISTEN_PID: '42', LISTEN_FDS: '-1' }, 'LISTEN_FDS is not a number: -1'],
    [{ LISTEN_PID: '42', LISTEN_FDS: '1x' }, 'LISTEN_FDS is not a number: 1x'],
    [{ LISTEN_PID: '42', LISTEN_FDS: '1025' }, 'LISTEN_FDS is 1025: at most 1024 sockets can be passed in'],
    [
      { LISTEN_PID: '42', LISTEN_FDS: '999999999' },
      'LISTEN_FDS is 999999999: at most 1024 sockets can be passed in',
    ],
    [{ ...OURS, LISTEN_FDNAMES: 'web' }, 'LISTEN_FDNAMES has 1 names for the 2 sockets of LISTEN_FDS'],
    [{ ...OURS, LISTEN_FDNAMES: 'a:b:c' }, 'LISTEN_FDNAMES has 3 names for the 2 sockets of LISTEN_FDS'],
  ])('are refused if %j contradict each other', (variables, message) => {
    expect(failureOf(() => parse(variables))).toEqual({
      code: 'ALF_STATE',
      message,
      hint: 'the caller of alfwrapper must set it as sd_listen_fds(3) describes',
    });
  });
});
