import { describe, expect, it } from 'vitest';
import { throughAcceptor } from '../../../src/exec/index.js';
import type { SocketHandoff } from '../../../src/plan/index.js';
import { failureOf } from '../support/failure.js';

const TARGET = {
  path: Buffer.from('/usr/bin/cat'),
  argv: ['cat', '', '\xff'].map((word) => Buffer.from(word, 'latin1')),
  environment: [],
  record: {
    blockedSignals: 0n,
    ignoredSignals: 0n,
    nofileSoft: 1024n,
    nofileHard: 1024n,
    descriptors: [0, 1, 2],
  },
};
const LIMITS = { maxConnections: 64, maxPerSource: 3, quiet: false };

describe('throughAcceptor', () => {
  it.each<[SocketHandoff, string]>([
    [{ pass: 'connection', ...LIMITS }, 'accept 64 3 verbose'],
    [{ pass: 'connection-stdio', ...LIMITS, maxPerSource: 0, quiet: true }, 'stdio 64 0 quiet'],
    [{ pass: 'listener' }, 'listener 0 0 quiet'],
  ])('%j', (passing, words) => {
    const { path, argv, ...others } = throughAcceptor(TARGET, passing, '/bin/true');
    const { path: program, argv: args, ...same } = TARGET;
    expect(Buffer.from(path).toString()).toBe('/bin/true');
    expect(argv).toEqual([
      ...['alf-acceptor', ...words.split(' ')].map((word) => Buffer.from(word)),
      program,
      ...args,
    ]);
    expect(others).toEqual(same);
  });

  it('is found out to be missing while there is a way back', () => {
    expect(
      failureOf(() => throughAcceptor(TARGET, { pass: 'listener' }, '/nowhere/alf-acceptor')),
    ).toMatchObject({
      code: 'ALF_NOT_FOUND',
      message: 'unable to find program /nowhere/alf-acceptor',
    });
  });
});
