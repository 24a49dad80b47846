import { describe, expect, it } from 'vitest';
import { lookupVariable, targetEnvironment, withVariables } from '../../../src/exec/index.js';

const bytes = (...variables: readonly string[]) =>
  variables.map((text) => new Uint8Array(Buffer.from(text, 'latin1')));
const text = (variables: readonly Uint8Array[]) =>
  variables.map((variable) => Buffer.from(variable).toString('latin1'));

describe('targetEnvironment', () => {
  it.each([
    ['keeps order, empty values and equals signs', ['B=', 'A=x=y', 'C=1'], ['B=', 'A=x=y', 'C=1']],
    ['takes our record out', ['A=1', 'ALFWRAPPER_STATE=0 0', 'B=2'], ['A=1', 'B=2']],
    [
      'gives back what was put aside',
      ['ALFWRAPPER_ENV_NODE_OPTIONS=--x', 'A=1', 'ALFWRAPPER_ENV_NODE_EXTRA_CA_CERTS='],
      ['NODE_OPTIONS=--x', 'A=1', 'NODE_EXTRA_CA_CERTS='],
    ],
    [
      'takes an earlier activation out',
      ['LISTEN_PID=1', 'LISTEN_FDS=1', 'LISTEN_FDNAMES=a', 'LISTEN_PIDFDID=3'],
      [],
    ],
    [
      'keeps names that only begin so',
      ['LISTEN_PORT=1', 'LISTEN_FD=2', 'ALFWRAPPER_STATES=3'],
      ['LISTEN_PORT=1', 'LISTEN_FD=2', 'ALFWRAPPER_STATES=3'],
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
    ['leaves the rest alone', ['\xff=1', 'A'], ['A=1'], ['\xff=1', 'A=1']],
  ])('%s', (_, current, variables, expected) => {
    expect(text(withVariables(bytes(...current), variables))).toEqual(expected);
  });
});
