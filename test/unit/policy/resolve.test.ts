import { describe, expect, test } from 'vitest';
import { AlfError } from '../../../src/errors/index.js';
import { parseAddress } from '../../../src/net/index.js';
import {
  assertEnforceable,
  describeList,
  listNeeds,
  noInputs,
  type PolicyInputs,
  parsePolicy,
  resolvePolicy,
} from '../../../src/policy/index.js';
import { formatSet } from '../../support/address-text.js';

const inputs: PolicyInputs = {
  files: new Map([['big', new TextEncoder().encode('10.0.0.0/8\n10.9.9.9/16\n')]]),
  hosts: new Map([
    ['example.org', ['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.2'].map(parseAddress)],
    ['gone.example', []],
  ]),
  interfaces: new Map([
    ['lan', { name: 'eth1', master: undefined }],
    ['eth1', { name: 'eth1', master: undefined }],
    ['port0', { name: 'port0', master: 'br0' }],
  ]),
};

const resolve = (text: string) => resolvePolicy(parsePolicy(text, 'r'), inputs);
const match = (text: string) => resolve(text).policy.rules[0]?.match;
const error = (message: string, hint?: string) =>
  new AlfError('ALF_RULE', message, hint === undefined ? {} : { hint });

const defaults: readonly [text: string, verdict: string][] = [
  ['', 'allow'],
  ['deny from any', 'allow'],
  ['deny\nallow from @none\nset none { }', 'deny'],
  ['default allow\nallow from private', 'allow'],
  ['deny from private\ndefault deny', 'deny'],
];

test.each(defaults)('default of %j', (text, verdict) => {
  expect(resolve(text).policy.default).toBe(verdict);
});

const sources: readonly [text: string, ranges: string[] | undefined][] = [
  ['allow', undefined],
  ['allow from any', undefined],
  ['allow from 0.0.0.0/1, 128.0.0.0/1, ::/0', undefined],
  ['allow from 0.0.0.0/0', ['0.0.0.0-255.255.255.255']],
  ['allow from 10.0.0.2-10.0.0.9, 10.0.0.1, ::1', ['10.0.0.1-10.0.0.9', '::1-::1']],
  ['allow from @none\nset none { }', []],
  [
    'allow from @both\nset one { cgnat }\nset both { @one, 10.0.0.1 }',
    ['10.0.0.1-10.0.0.1', '100.64.0.0-100.127.255.255'],
  ],
  ['allow from @big, 11.0.0.0/8\nset big file x', ['10.0.0.0-11.255.255.255']],
  ['allow from Example.org', ['192.0.2.1-192.0.2.2', '2001:db8::1-2001:db8::1']],
];

test.each(sources)('source of %j', (text, ranges) => {
  expect(formatSet(match(text)?.source)).toEqual(ranges);
});

describe('a rule', () => {
  test('port without proto means tcp and udp', () => {
    expect(match('allow to any port 80')).toMatchObject({ protocols: [6, 17], destination: undefined });
    expect(match('allow proto udp from any port 53')).toMatchObject({ protocols: [17] });
  });

  test('lists have no duplicates, and ports are merged', () => {
    const text = 'allow in on lo, lo proto tcp, 6 from any port 9, 5-7, 8 to any port 80, 1-9, 3';
    expect(match(text)).toEqual({
      interfaces: ['lo'],
      protocols: [6],
      source: undefined,
      sourcePorts: [{ first: 5, last: 9 }],
      destination: undefined,
      destinationPorts: [
        { first: 1, last: 9 },
        { first: 80, last: 80 },
      ],
    });
  });

  test('two uses of a set share one object', () => {
    const { rules } = resolve('set big file x\nallow from @big to any port 1\ndeny from @big').policy;
    expect(rules[0]?.match.source).toBe(rules[1]?.match.source);
  });
});

test('warns about rules and files', () => {
  const { warnings } = resolve('set big file big.txt\nallow from 10.0.0.1/8, @big');
  expect(warnings.map(({ location, message }) => [location.file, location.line, message])).toEqual([
    ['r', 2, '10.0.0.1/8 has bits set below its prefix length and means 10.0.0.0/8'],
    ['big.txt', 2, 'an entry has bits set below the prefix length; they are taken as those prefixes'],
  ]);
});

test('lists files and hosts in the order of the rules', () => {
  const { files, hosts } = listNeeds(
    parsePolicy('set a file x\nallow from h, i to H\nset b file "y z"', 'r'),
  );
  expect(files.map(({ name, path }) => [name, path])).toEqual([
    ['a', 'x'],
    ['b', 'y z'],
  ]);
  expect(hosts.map(({ name }) => name)).toEqual(['h', 'i']);
});

const refused: readonly [text: string, message: string, hint?: string][] = [
  [
    'allow from any\ndeny from @x',
    'r:2:11: @x is not defined: expected the name of a set',
    'define it: set x { … }',
  ],
  ['allow to @x\nset y { }', 'r:1:10: @x is not defined: expected the name of a set', 'the sets are @y'],
  ['set x { @x }', 'r:1:9: @x is defined further down: expected a set that is defined above this one'],
  [
    'set x {\n@y }\nset y { }',
    'r:2:1: @y is defined further down: expected a set that is defined above this one',
  ],
  [
    'allow from gone.example',
    'r:1:12: unable to resolve gone.example: expected a host name with an address',
    'check the name, or write its addresses',
  ],
  [
    'allow from other.example',
    'r:1:12: unable to resolve other.example: expected a host name with an address',
    'check the name, or write its addresses',
  ],
  ['allow limit 1/second', 'r:1:7: limit is not yet enforceable: expected the rule without it'],
  ['allow\n deny from any log', 'r:2:16: log is not yet enforceable: expected the rule without it'],
  ['set big file x refresh 1h', 'r:1:1: refresh is not yet enforceable: expected set big without it'],
];

test.each(refused)('refuses %j', (text, message, hint) => {
  expect(() => resolve(text)).toThrow(error(message, hint));
});

test('assertEnforceable accepts every other rule', () => {
  expect(() =>
    assertEnforceable(parsePolicy('allow in on lo\nset x file y\ndefault deny', 'r')),
  ).not.toThrow();
});

test('throws if the caller did not read a file', () => {
  expect(() => resolvePolicy(parsePolicy('set x file y', 'r'), noInputs)).toThrow(
    new Error('the file of set x was not read'),
  );
});

describe('interfaces', () => {
  test('are listed by their names, each once', () => {
    expect(match('deny in on lan, eth1, eth9')?.interfaces).toEqual(['eth1', 'eth9']);
  });

  test('that are ports give one warning each, with their master', () => {
    const { warnings } = resolve(
      'deny in on lan\nallow in on port0, eth1\nallow in on port0 from ::1 to ::2',
    );
    expect(warnings.map(({ location, message }) => `${location.line}: ${message}`)).toEqual([
      '2: port0 is a port of br0: its packets arrive on br0, and never on port0 (2 rules name it, this one first)',
      '3: "allow in on port0 from ::1 to ::2" is never reached: allow in on port0, eth1 (r:2) matches every packet that it matches',
    ]);
  });
});

describe('an empty set file', () => {
  const warningsOf = (text: string, file = '# none\n') => {
    const files = new Map([['x', new TextEncoder().encode(file)]]);
    return resolvePolicy(parsePolicy(text, 'r'), { ...inputs, files }).warnings;
  };
  const EMPTY = 'set x is empty: x.list has no entries, so deny rules with @x deny no address of it';

  test.each([
    'set x file x.list\ndeny from @x',
    'set x file x.list\ndeny from ::1 to @x',
    'set x file x.list\nset y { @x, ::2 }\nset z { @y }\ndeny from @z\nallow from ::1',
  ])('gives a warning if only deny uses it: %j', (text) => {
    expect(warningsOf(text)).toEqual([{ location: { file: 'r', line: 1, column: 1 }, message: EMPTY }]);
  });

  test.each([
    ['set x file x.list\nallow from @x'],
    ['set x file x.list\ndeny from @x to ::1\nallow from @x'],
    ['set x file x.list\nallow from ::1'],
    ['set x file x.list\ndeny from @x', '192.0.2.1\n'],
  ])('gives no warning otherwise: %j', (text, file?: string) => {
    expect(warningsOf(text, file)).toEqual([]);
  });
});

test('returns the format of set files', () => {
  const { lists } = resolve('set big file "a b.list"\ndeny from @big');
  expect(lists.map(describeList)).toEqual(['set big: "a b.list" read as a plain list: 2 entries, 1 range']);
});
