import { expect, test } from 'vitest';
import {
  allowedSources,
  noInputs,
  normalizeSources,
  parsePolicy,
  resolvePolicy,
} from '../../../../src/policy/index.js';
import { formatSet, formatWords } from '../../../support/address-text.js';

const resolve = (text: string) => resolvePolicy(parsePolicy(text, 'r'), noInputs).policy;

/** `START: RULES` for each region, IPv4 first. */
function regions(text: string): string[] {
  const { v4, v6, lists } = normalizeSources(resolve(text));
  return [
    ...[...v4.results].map((list, i) => `${formatWords(v4.starts, i, 1)}: ${lists[list]}`),
    ...[...v6.results].map((list, i) => `${formatWords(v6.starts, 4 * i, 4)}: ${lists[list]}`),
  ];
}

const cases: readonly [rules: string, regions: string[]][] = [
  ['', ['0.0.0.0: ', '::: ']],
  ['deny', ['0.0.0.0: 0', '::: 0']],
  ['deny from 0.0.0.0/0', ['0.0.0.0: 0', '::: ']],
  ['deny from 255.0.0.0/8', ['0.0.0.0: ', '255.0.0.0: 0', '::: ']],
  ['deny from ::/1', ['0.0.0.0: ', '::: 0', '8000::: ']],
  [
    'deny from 10.0.0.1\nallow from 10.0.0.0/8\ndeny from 10.1.0.0/16',
    ['0.0.0.0: ', '10.0.0.0: 1', '10.0.0.1: 0', '10.0.0.2: 1', '11.0.0.0: ', '::: '],
  ],
  [
    'allow from 10.0.0.0/8 to any port 80\nallow proto udp\ndeny from 10.0.0.0/9\nallow from 10.0.0.0/8',
    ['0.0.0.0: 1', '10.0.0.0: 0,1,2', '10.128.0.0: 0,1,3', '11.0.0.0: 1', '::: 1'],
  ],
  [
    'set x { 10.0.0.0/8 }\nallow from @x to any port 1\ndeny from @x',
    ['0.0.0.0: ', '10.0.0.0: 0,1', '11.0.0.0: ', '::: '],
  ],
  [
    'deny from 10.0.0.0/8\nallow from any\nallow from 11.0.0.0/8',
    ['0.0.0.0: 1', '10.0.0.0: 0', '11.0.0.0: 1', '::: 1'],
  ],
  [
    'deny from 10.0.0.0/8, fe80::/10\nallow from fe80::1',
    ['0.0.0.0: ', '10.0.0.0: 0', '11.0.0.0: ', '::: ', 'fe80::: 0', 'fec0::: '],
  ],
];

test.each(cases)('regions of %j', (rules, expected) => {
  expect(regions(rules)).toEqual(expected);
});

test('the sources a policy allows', () => {
  expect(formatSet(allowedSources(resolve('deny from 10.0.0.0/9\nallow from 10.0.0.0/8, ::1')))).toEqual([
    '10.128.0.0-10.255.255.255',
    '::1-::1',
  ]);
  expect(formatSet(allowedSources(resolve('deny from 0.0.0.0/1, ::1-ffff::')))).toEqual([
    '128.0.0.0-255.255.255.255',
    '::-::',
    'ffff::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  ]);
  expect(allowedSources(resolve('allow from ::1 to any port 80'))).toBeUndefined();
});
