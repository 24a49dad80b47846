import { expect, it } from 'vitest';
import { parseListenSpec } from '../../../src/net/index.js';
import { interfaceQuestions } from '../../../src/plan/index.js';
import { noInputs, parsePolicy, resolvePolicy } from '../../../src/policy/index.js';
import { failureOf } from '../support/failure.js';
import { mapOf, objectOf } from '../support/objects.js';
import { configOf, filterOf } from '../support/plans.js';

/** Entries of map `map`, from the command line, and from a file. */
const entries = (...texts: readonly string[]) => ({
  entries: texts.map((text) => {
    const [key = '', value = ''] = text.split(',');
    return { map: 'map', key, value };
  }),
});
const lines = (...texts: readonly string[]) => ({
  entryFiles: [
    {
      map: 'map',
      file: '/f',
      lines: texts.map((text, index) => ({ line: index + 1, text })),
      quotable: true,
    },
  ],
});

const INTERFACES = filterOf(objectOf(mapOf('hash', 'interface', 'u32')));
const NUMBERS = filterOf(objectOf(mapOf('hash', 'u32', 'u32')));

it('asks for interfaces in rules', () => {
  const { policy } = resolvePolicy(
    parsePolicy('allow in on eth0,wg0\nallow in on eth0 proto tcp', 'r'),
    noInputs,
  );
  expect([...interfaceQuestions(configOf(), { ...filterOf(), policy })]).toEqual(['eth0', 'wg0']);
});

it('asks for interfaces in scoped addresses', () => {
  const listeners = [
    parseListenSpec('[fe80::1%eth7]:80'),
    parseListenSpec('unix:/run/a'),
    parseListenSpec('80'),
  ];
  expect([...interfaceQuestions(configOf({ listeners }), filterOf())]).toEqual(['eth7']);
});

it.each([
  ['entries of a map of interfaces', INTERFACES, entries('eth0,1', 'beef,2', 'eth0,3'), ['eth0', 'beef']],
  ['the lines of a file', INTERFACES, lines('eth1,1', 'eth2,1'), ['eth1', 'eth2']],
  ['entries that say that they are interfaces', NUMBERS, entries('ifname:eth3,1', '2,2'), ['eth3']],
  ['no other entries', NUMBERS, entries('1,1', '2,2'), []],
] as const)('asks for interfaces in %s', (_, filter, config, expected) => {
  expect([...interfaceQuestions(configOf(config), filter)]).toEqual(expected);
});

it('refuses what a plan would refuse', () => {
  expect(failureOf(() => interfaceQuestions(configOf(entries('eth0,x')), INTERFACES)).code).toBe('ALF_ENTRY');
});
