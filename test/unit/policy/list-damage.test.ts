import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AlfError } from '../../../src/errors/index.js';
import { parseSetFile } from '../../../src/policy/index.js';

type Damage = readonly [what: string, file: string, damage: (bytes: Buffer) => Uint8Array];

const cutTo = (text: string) => (bytes: Buffer) => bytes.subarray(0, bytes.lastIndexOf(text) + text.length);
const replaced = (from: string | RegExp, to: string) => (bytes: Buffer) =>
  Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');
const utf16 = (bytes: Buffer) => Buffer.from(bytes.toString('latin1'), 'utf16le');
const zeroed = (from: number) => (bytes: Buffer) => Buffer.from(bytes).fill(0, from);

const damages: readonly Damage[] = [
  ['all zero bytes', 'plain.list', zeroed(0)],
  ['zero bytes at its end', 'firehol.netset', zeroed(500)],
  ['a zero byte in a comment', 'spamhaus-drop.txt', replaced('shape', 'sha\0e')],
  ['zero bytes at its end', 'aws.json', zeroed(2000)],
  ['a zero byte', 'ipset-v4.save', replaced('packets', 'pack\0ts')],
  ['UTF-16 without a mark', 'firehol.netset', utf16],
  [
    'UTF-16 with a mark',
    'firehol.netset',
    (bytes) => Buffer.concat([Buffer.from([0xff, 0xfe]), utf16(bytes)]),
  ],
  [
    'UTF-16, big-endian',
    'plain.list',
    (bytes) => Buffer.concat([Buffer.from([0xff, 0xfe]), utf16(bytes)]).swap16(),
  ],
  ['UTF-32', 'plain.list', (bytes) => Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), bytes])],
  [
    'a second byte order mark',
    'spamhaus-drop.txt',
    (bytes) => Buffer.concat([Buffer.from('\uFEFF\uFEFF'), bytes]),
  ],
  ['gzip', 'plain.list', (bytes) => Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), bytes])],
  ['zstd', 'plain.list', (bytes) => Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), bytes])],
  ['an error page', 'firehol.netset', () => Buffer.from('<html><title>503</title></html>\n')],
  ['an error page after a comment', 'firehol.netset', replaced(/^[\d.]/m, '<p>9')],
  ['semicolons between entries', 'plain.list', replaced('192.0.2.1  ', '192.0.2.1;192.0.2.2')],
  ['line ends lost', 'firehol.netset', replaced(/(\d)\n(?=\d)/g, '$1 ')],
  ['carriage returns for newlines', 'firehol.netset', replaced(/\n/g, '\r')],
  ['a cut-off address', 'firehol.netset', replaced(/\.\d+(?:\/\d+)?\n$/, '')],
  ['a cut-off prefix length', 'plain.list', replaced(/192\.0\.2\.16[\s\S]*$/, '192.0.2.16/2')],
  ['a lost digit', 'spamhaus-drop.txt', replaced(/\/(\d\d) ; SBL100003/, '/3$1 ; SBL100003')],
  ['a range turned round', 'plain.list', replaced('198.51.100.10-', '198.51.100.99-')],
  ['a lost line of JSON lines', 'spamhaus-drop_v4.json', replaced(/^\{"cidr.*\n/, '')],
  ['a cut-off record', 'spamhaus-drop_v6.json', cutTo('"cidr":"2001')],
  ['a lost quote', 'aws.json', replaced('"ip_prefix": "', '"ip_prefix": ')],
  ['a lost end', 'azure.json', cutTo('"networkFeatures"')],
  ['another key', 'google.json', replaced('ipv4Prefix', 'ipv4prefix')],
  ['a number for a prefix', 'cloudflare.json', replaced(/"ipv4_cidrs":\["[^"]*"/, '"ipv4_cidrs":[1')],
  ['a failed request', 'cloudflare.json', () => Buffer.from('{"result":null,"success":false,"errors":[]}')],
  ['lines of two sets', 'ipset-v6.save', replaced(/add bad6 (?=.*\n$)/, 'add good6 ')],
  ['a cut-off line', 'ipset-v6.save', replaced(/(add bad6 \S+\n)[\s\S]*$/, '$1add bad6')],
  ['an exception', 'ipset-v6.save', replaced(/\n$/, ' nomatch\n')],
  ['a lost brace', 'nft-v4.nft', replaced(/ \}\n\t\}\n\}\n$/, '')],
  ['a lost comma', 'nft-v6.nft', replaced(',', '')],
  ['a lost quote', 'nft-v4.nft', replaced('y"', 'y')],
];

test('the table has 30 kinds of damage', () => {
  expect(damages.length).toBeGreaterThanOrEqual(30);
});

test.each(damages)('refuses %s (%s) with file, line and hint or reason', (_, file, damage) => {
  const bytes = damage(readFileSync(`test/fixtures/lists/${file}`));
  let thrown: unknown;
  try {
    parseSetFile(bytes, file);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(AlfError);
  const { code, message } = thrown as AlfError;
  expect(code).toBe('ALF_RULE');
  expect(message).toMatch(new RegExp(`^${file}:[1-9]\\d*:[1-9]\\d*: \\S`));
});
