import { expect, test } from 'vitest';
import { type AddressWord, addressWords, wordSet } from '../../../src/policy/index.js';
import { formatSet } from '../../support/address-text.js';

const meanings: readonly [AddressWord, string[]][] = [
  ['any', ['0.0.0.0-255.255.255.255', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']],
  ['localhost', ['127.0.0.0-127.255.255.255', '::1-::1']],
  ['link-local', ['169.254.0.0-169.254.255.255', 'fe80::-fe80::ffff:ffff:ffff:ffff']],
  ['multicast', ['224.0.0.0-239.255.255.255', 'ff00::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']],
  [
    'private',
    [
      '10.0.0.0-10.255.255.255',
      '127.0.0.0-127.255.255.255',
      '172.16.0.0-172.31.255.255',
      '192.168.0.0-192.168.255.255',
      '::1-::1',
      'fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ],
  ],
  ['cgnat', ['100.64.0.0-100.127.255.255']],
  [
    'documentation',
    [
      '192.0.2.0-192.0.2.255',
      '198.51.100.0-198.51.100.255',
      '203.0.113.0-203.0.113.255',
      '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
      '3fff::-3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff',
    ],
  ],
];

test('every word has a case here', () => {
  expect(addressWords).toEqual(meanings.map(([word]) => word));
});

test.each(meanings)('%s', (word, ranges) => {
  expect(formatSet(wordSet(word))).toEqual(ranges);
});
