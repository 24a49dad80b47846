import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AlfError } from '../../../src/errors/index.js';
import { parseSetFile } from '../../../src/policy/index.js';
import { formatSet } from '../../support/address-text.js';

const load = (text: string) => parseSetFile(new TextEncoder().encode(text), 'f');
const fixture = (name: string) => readFileSync(`test/fixtures/lists/${name}`);

const formats: readonly [name: string, format: string, entries: number][] = [
  ['plain.list', 'a plain list', 11],
  ['firehol.netset', 'a plain list', 22],
  ['spamhaus-drop.txt', 'a plain list', 20],
  ['spamhaus-drop_v4.json', 'Spamhaus DROP as JSON lines', 12],
  ['spamhaus-drop_v6.json', 'Spamhaus DROP as JSON lines', 12],
  ['aws.json', 'the IP ranges of AWS as JSON', 25],
  ['google.json', 'the IP ranges of Google as JSON', 20],
  ['azure.json', 'the service tags of Azure as JSON', 36],
  ['cloudflare.json', 'the IP ranges of Cloudflare as JSON', 14],
  ['array.json', 'a JSON array of addresses', 12],
  ['ipset-v4.save', 'the output of ipset save', 20],
  ['ipset-v6.save', 'the output of ipset save', 15],
  ['nft-v4.nft', 'a set of nftables', 13],
  ['nft-v6.nft', 'a set of nftables', 11],
];

test.each(formats)('reads %s as %s', (name, format, entries) => {
  const loaded = parseSetFile(fixture(name), name);
  expect({ format: loaded.format, entries: loaded.entries }).toEqual({ format, entries });
  expect(loaded.warnings).toEqual([]);
});

const accepted: readonly [text: string, ranges: string[]][] = [
  ['{"prefixes":[{"ipv4Prefix":"192.0.2.0\\/24"}]}', ['192.0.2.0-192.0.2.255']],
  ['\n// from the API\n[ "192.0.2.1" , "\\u003a:1" ]\n', ['192.0.2.1-192.0.2.1', '::1-::1']],
  [
    '{"result":{"ipv4_cidrs":[],"ipv6_cidrs":["2001:db8::/128"]},"messages":["a/b","10.0.0.1"]}',
    ['2001:db8::-2001:db8::'],
  ],
  ['set b { elements = { 192.0.2.1, } }', ['192.0.2.1-192.0.2.1']],
  ['table t {\n set b {\n  typeof ip saddr\n  elements = { }\n }\n}', []],
  [
    'table ip t { set b { type ipv4_addr; size 65535; elements = { 192.0.2.1 timeout 1h expires 2m }; } }',
    ['192.0.2.1-192.0.2.1'],
  ],
  [
    'add element inet f b { 192.0.2.1 }\nadd element inet f b { 192.0.2.3 }',
    ['192.0.2.1-192.0.2.1', '192.0.2.3-192.0.2.3'],
  ],
  ['#!/usr/sbin/nft -f\ndefine bad = { 192.0.2.1 } # one\n', ['192.0.2.1-192.0.2.1']],
  [
    'create b bitmap:ip range 192.0.2.0/24\nflush b\nadd b 192.0.2.4 -exist\nCOMMIT\n',
    ['192.0.2.4-192.0.2.4'],
  ],
];

test.each(accepted)('accepts %j', (text, ranges) => {
  expect(formatSet(load(text).set)).toEqual(ranges);
});

const CONVERT = expect.stringContaining('jq -r');
const CUT = expect.stringContaining('cut off');
const ONE_SET = 'write one set a file: nft list set FAMILY TABLE SET';
const refused: readonly [text: string, message: string, hint?: unknown][] = [
  ['{}', '1:1: an unknown kind of JSON', CONVERT],
  ['[]', '1:1: an unknown kind of JSON', CONVERT],
  ['{"prefixes":[]}', '1:1: an unknown kind of JSON', CONVERT],
  ['{"hooks":["192.0.2.0/24"]}', '1:12: unexpected prefix 192.0.2.0/24 here', CONVERT],
  [
    '{"prefixes":[{"ip_prefix":"192.0.2.0/24"},\n {"region":"x"}]}',
    '2:2: an object without ip_prefix, ipv4Prefix or ipv6Prefix',
    CONVERT,
  ],
  [
    '{"prefixes":[{"ip_prefix":"192.0.2.0/24"},{"ipv4Prefix":"192.0.2.0/24"}]}',
    '1:58: an entry of the IP ranges of Google as JSON: expected the IP ranges of AWS as JSON',
  ],
  ['{"prefixes":[{"ip_prefix":null}]}', '1:27: unexpected null: expected an address or prefix in quotes'],
  [
    '{"prefixes":[{"ip_prefix":"192.0.2.0/33"}]}',
    '1:28: 192.0.2.0/33 has the prefix length 33',
    'expected a number from 0 to 32 after the slash',
  ],
  ['{"prefixes":"192.0.2.0/24"}', '1:13: unexpected "\\"": expected an array'],
  [
    '{"result":null,"success":false}',
    '1:11: unexpected null: expected an object with ipv4_cidrs, ipv6_cidrs or jdcloud_cidrs',
  ],
  ['["192.0.2.1"] x', '1:15: unexpected x: expected the end of the text'],
  ['["192.0.2.1",]', '1:14: unexpected ]: expected an address or prefix in quotes'],
  ['["192.0.2.1"', '1:13: unexpected end of the text: expected "," or "]"', CUT],
  ['["192.0.2.\n1"]', '1:11: unexpected "\\n": expected the end of a string'],
  ['["\\q"]', '1:3: "\\\\q" has an unknown escape: expected JSON'],
  ['{"a":01}', '1:6: unexpected 01: expected a JSON value'],
  [`${'{"a":'.repeat(70)}`, '1:326: unexpected "{": expected at most 64 levels'],
  [
    '{"cidr":"192.0.2.0/24"}\n{"type":"metadata","records":2}\n',
    '2:1: the list has 1 of the 2 entries that its metadata counts',
    'the file is damaged: get it again',
  ],
  [
    '{"cidr":"192.0.2.0/24"}\n{"x":1}\n',
    '2:1: an object without prefixes, ipv6_prefixes, values, result or cidr',
    CONVERT,
  ],
  ['table t { chain c { } }', '1:11: unexpected chain: expected a set', ONE_SET],
  ['table t { set a { }\n set b { } }', '2:6: b is a second set: expected a only', ONE_SET],
  [
    'set b { type ipv4_addr . inet_service; }',
    '1:24: unexpected .: expected a set of addresses only',
    ONE_SET,
  ],
  ['set b { type ether_addr; }', '1:14: unexpected ether_addr: expected ipv4_addr or ipv6_addr', ONE_SET],
  ['set b { elements = { 192.0.2.1 : accept } }', '1:32: unexpected :: expected "," or "}"'],
  ['set b { elements = { 192.0.2.1 192.0.2.2 } }', '1:32: unexpected 192.0.2.2: expected "," or "}"'],
  [
    'set b { elements = { 192.0.2.1,\n',
    '2:1: unexpected end of the text: expected an address, prefix, range or "}"',
    CUT,
  ],
  ['set b { elements = { 192.0.2.1 comment "x\n', '1:40: the quoted text does not end on its line'],
  [
    'create a hash:ip,port family inet\n',
    '1:10: unexpected hash:ip,port: expected a set of addresses only: hash:ip, hash:net or bitmap:ip',
  ],
  [
    'add a 192.0.2.1 192.0.2.2\n',
    '1:17: unexpected 192.0.2.2: expected an option of ipset: timeout, packets, bytes, comment, skbmark, skbprio, skbqueue, -exist or -!',
  ],
  ['add a 192.0.2.1 timeout\n', '1:24: unexpected end of the line: expected a value'],
  ['destroy a\n', '1:1: destroy is not an IP address', expect.any(String)],
  [
    'add a 192.0.2.1\ndestroy a\n',
    '2:1: unexpected destroy: expected create or add, as ipset save writes them',
  ],
];

test.each(refused)('refuses %j', (text, message, hint) => {
  let thrown: unknown;
  try {
    load(text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(AlfError);
  expect(thrown).toMatchObject({ code: 'ALF_RULE', message: `f:${message}`, hint });
});

const conversions: readonly [line: string, hint: RegExp][] = [
  ['<!DOCTYPE html>', /HTML/],
  ['192.0.2.1\r192.0.2.2', /tr '\\r'/],
  ['192.0.2.1\u00a0', /ASCII/],
  ['-A INPUT -s 192.0.2.1/32 -j DROP', /iptables/],
  ['deny 192.0.2.1;', /web server/],
  ['Level 1:192.0.2.1-192.0.2.9', /P2P/],
  ['- 192.0.2.1', /YAML/],
  ['"192.0.2.1"', /quotes/],
  ['192.0.2.1,192.0.2.9', /commas/],
  ['192.0.2.1,DE,9', /CSV: cut/],
  ['ip,country', /header/],
  ['192.0.2.1 192.0.2.9 20', /two addresses/],
  ['192.0.2.1 ads.example.org', /hosts file/],
  ['192.0.2.1-9', /in full/],
  ['10.1', /four parts/],
  ['10/16', /four parts/],
  ['AS64496', /AS numbers/],
  ['mail.example.org', /host names/],
];

test.each(conversions)('names the format of %j and its conversion', (line, hint) => {
  expect(() => load(`${line}\n`)).toThrow(expect.objectContaining({ hint: expect.stringMatching(hint) }));
});
