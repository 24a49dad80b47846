import { describe, expect, it } from 'vitest';
import {
  decodeEnvironment,
  identityEnvironment,
  lookupVariable,
  targetEnvironment,
  withVariables,
} from '../../../src/exec/index.js';

const bytes = (...variables: readonly string[]) =>
  variables.map((text) => new Uint8Array(Buffer.from(text, 'latin1')));
const text = (variables: readonly Uint8Array[]) =>
  variables.map((variable) => Buffer.from(variable).toString('latin1'));

describe('decodeEnvironment', () => {
  it.each([
    ['what is put aside', ['=NODE_OPTIONS=--x', 'A=1', '=NODE_'], ['NODE_OPTIONS=--x', 'A=1', 'NODE_']],
    ['what begins with =', ['==', '==A=1', '==='], ['=', '=A=1', '==']],
    ['a record of the caller', ['ALFWRAPPER_STATE=1', 'A=1'], ['ALFWRAPPER_STATE=1', 'A=1']],
    ['what is no variable', ['', 'X', '', ''], ['', 'X', '', '']],
    ['bytes that are not UTF-8', ['A\xff=\xfe', 'B=\x80'], ['A\xff=\xfe', 'B=\x80']],
  ])('gives back %s, without the record', (_, encoded, expected) => {
    const { record, environment } = decodeEnvironment(bytes('ALFWRAPPER_STATE=0 0', ...encoded));
    expect([record, text(environment)]).toEqual(['0 0', expected]);
  });

  it.each([
    ['empty', []],
    ['without a record', ['A=1', '=B=2']],
    ['with a record that is not the first', ['A=1', 'ALFWRAPPER_STATE=0 0']],
    ['with a name that only begins so', ['ALFWRAPPER_STATES=0 0', '=A=1']],
    ['with the name alone', ['ALFWRAPPER_STATE', '=A=1']],
  ])('leaves an environment as it is that is %s', (_, encoded) => {
    const { record, environment } = decodeEnvironment(bytes(...encoded));
    expect([record, text(environment)]).toEqual([undefined, encoded]);
  });
});

describe('targetEnvironment', () => {
  it.each([
    ['keeps order, empty values and equals signs', ['B=', 'A=x=y', 'C=1'], ['B=', 'A=x=y', 'C=1']],
    ['keeps variables with names of ours', ['ALFWRAPPER_STATE=0 0'], ['ALFWRAPPER_STATE=0 0']],
    [
      'takes an earlier activation out',
      ['LISTEN_PID=1', 'LISTEN_FDS=1', 'LISTEN_FDNAMES=a', 'LISTEN_PIDFDID=3'],
      [],
    ],
    [
      'keeps names that only begin so',
      ['LISTEN_PORT=1', 'LISTEN_FD=2', 'LISTEN_FDS'],
      ['LISTEN_PORT=1', 'LISTEN_FD=2', 'LISTEN_FDS'],
    ],
    ['keeps what is no variable', ['=', 'X', ''], ['=', 'X', '']],
    ['keeps a name twice', ['A=1', 'A=2'], ['A=1', 'A=2']],
    ['keeps bytes that are not UTF-8', ['A\xff=\xfe', 'B=\x80'], ['A\xff=\xfe', 'B=\x80']],
  ])('%s', (_, current, expected) => {
    expect(text(targetEnvironment(bytes(...current)))).toEqual(expected);
  });
});

describe('lookupVariable', () => {
  it.each([
    ['A', 'x=y'],
    ['B', ''],
    ['AA', 'z'],
    ['C', undefined],
    ['', undefined],
  ])('%s is %j', (name, expected) => {
    const found = lookupVariable(bytes('AA=z', 'A=x=y', 'B=', 'A=later'), name);
    expect(found && Buffer.from(found).toString()).toBe(expected);
  });
});

describe('withVariables', () => {
  it.each([
    ['adds what is not there', ['A=1'], ['B=2', 'C='], ['A=1', 'B=2', 'C=']],
    ['replaces in place', ['A=1', 'B=2', 'C=3'], ['B=x=y'], ['A=1', 'B=x=y', 'C=3']],
    ['takes the last of several', ['A=1'], ['B=2', 'A=3', 'B=4'], ['A=3', 'B=4']],
    ['leaves the rest alone', ['\xff=1', 'A'], ['A=1'], ['\xff=1', 'A', 'A=1']],
    ['makes one of a name that is there twice', ['A=1', 'B=2', 'A=3', 'B=4'], ['A=5'], ['A=5', 'B=2', 'B=4']],
  ])('%s', (_, current, variables, expected) => {
    expect(text(withVariables(bytes(...current), variables))).toEqual(expected);
  });
});

describe('identityEnvironment', () => {
  const before = ['A=1', 'HOME=/root', 'USER=root', 'LOGNAME=root', 'SHELL=/bin/sh', 'HOMES=x'].map((text) =>
    Buffer.from(text),
  );
  const made = (variables?: {
    HOME: string | null;
    LOGNAME: string | null;
    SHELL: string | null;
    USER: string | null;
  }) =>
    identityEnvironment(before, { steps: [], ...(variables === undefined ? {} : { variables }) }).map(String);

  it('is the same if the user is', () => {
    expect(made()).toEqual(before.map(String));
  });

  it('names another user in place of the one before', () => {
    const variables = { HOME: '/srv', LOGNAME: 'www', SHELL: '/bin/false', USER: 'www' };
    expect(made(variables)).toEqual([
      'A=1',
      'HOMES=x',
      'HOME=/srv',
      'LOGNAME=www',
      'SHELL=/bin/false',
      'USER=www',
    ]);
  });

  it('names no user rather than the wrong one', () => {
    expect(made({ HOME: null, LOGNAME: null, SHELL: null, USER: null })).toEqual(['A=1', 'HOMES=x']);
  });
});
