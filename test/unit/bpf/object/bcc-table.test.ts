import { describe, expect, it } from 'vitest';
import { type BccTable, describeBccTable } from '../../../../src/bpf/object/index.js';
import { codecOf, formatValue, parseValue, toHex } from '../../../../src/bpf/values/index.js';
import { machine } from '../../support/entries.js';
import { failureOf } from '../../support/failure.js';

/** As libbcc 0.26 prints them for BPF_TABLE and its relatives. */
const SUBNET6 =
  '["subnet6", [["prefixlen","unsigned int"], ["addr","unsigned char", [16]] ], "struct_packed"]';
const NESTED = `["nested", [["a","unsigned char"], ["__pad_1","char",[3]], ["b","unsigned int"], ["", [["x","unsigned short"], ["y","unsigned short"] ], "struct_packed"], ["n",${SUBNET6}], ["end","unsigned short"], ["__pad_end","char",[2]] ], "struct_packed"]`;
const NESTED2 = `["nested2", [["a","unsigned char"], ["__pad_1","char",[3]], ["in",${NESTED}, [3]], ["multi","unsigned int", [2]], ["name","char", [7]], ["__pad_end","char",[1]] ], "struct_packed"]`;
const BITS = '["bits", [["a","unsigned int", 3], ["b","unsigned int", 5], ["c","unsigned char"] ], "struct"]';
const UNION = '["un", [["a","unsigned int"], ["b","unsigned char", [8]] ], "union"]';
const WITH_UNION = `["withun", [["c","int"], ["u",${UNION}], ["", [["q","unsigned char"], ["r","unsigned short"] ], "union"], ["t","_Bool"], ["__pad_4","char",[1]], ["p","unsigned long long"], ["s","unsigned char"], ["sa","unsigned char", [3]], ["__pad_7","char",[4]], ["big","unsigned __int128"], ["l","long"], ["__pad_end","char",[8]] ], "struct_packed"]`;

const tableOf = (leafDescriptor: string, leafSize: number, changes: Partial<BccTable> = {}): BccTable => ({
  name: 'table',
  type: 1,
  keyDescriptor: '"int"',
  keySize: 4,
  leafDescriptor,
  leafSize,
  maxEntries: 10,
  ...changes,
});

const leafOf = (descriptor: string, size: number) => describeBccTable(tableOf(descriptor, size)).value;

const encode = (descriptor: string, size: number, text: string) =>
  toHex(parseValue(leafOf(descriptor, size), text, machine()));

describe('describeBccTable', () => {
  it('makes the map that an object would declare', () => {
    const index = '["index", [["ordinal","unsigned int"] ], "struct_packed"]';
    const changes = { name: 'allow6', keyDescriptor: index, keySize: 4, maxEntries: 23 };
    const map = describeBccTable(tableOf(SUBNET6, 20, changes));
    expect({ ...map, key: map.key.spelling, value: map.value.spelling }).toEqual({
      name: 'allow6',
      kind: 'hash',
      maxEntries: 23,
      key: 'struct index',
      value: 'struct subnet6',
    });
    expect([map.key.notation, map.value.notation]).toEqual(['number', 'prefix6']);
  });

  it('leaves out keys that are not there', () => {
    const queue = describeBccTable(tableOf(SUBNET6, 20, { type: 22, keyDescriptor: '', keySize: 0 }));
    expect([queue.kind, queue.key.size, queue.key.kind]).toEqual(['queue', 0, 'opaque']);
  });

  it.each([
    ['"char"', 1, 'x', '78'],
    ['"signed char"', 1, '-1', 'ff'],
    ['"unsigned char"', 1, '255', 'ff'],
    ['"short"', 2, '-2', 'feff'],
    ['"unsigned short"', 2, 'big:80', '0050'],
    ['"unsigned int"', 4, 'ipv4:192.0.2.1', 'c0000201'],
    ['"long"', 8, '-1', 'ffffffffffffffff'],
    ['"unsigned long"', 8, '1', '0100000000000000'],
    ['"unsigned __int128"', 16, '1', `01${'00'.repeat(15)}`],
    ['"_Bool"', 1, 'true', '01'],
    ['"unsigned char"', 16, 'ipv6:::1', `${'00'.repeat(15)}01`],
    ['"char"', 8, 'eth0', '6574683000000000'],
    [SUBNET6, 20, '2001:db8::/32', `2000000020010db8${'00'.repeat(12)}`],
    [NESTED, 36, '{1;2;3;4;::/0;5}', `01000000020000000300040000000000${'00'.repeat(16)}05000000`],
    [NESTED, 36, '{y=4;end=5}', `${'00'.repeat(10)}0400${'00'.repeat(20)}05000000`],
  ])('%s of %i bytes takes %s', (descriptor, size, text, expected) => {
    expect(encode(descriptor, size, text)).toBe(expected);
  });

  /** As filters have them that compare with what a cursor has read. */
  const ADDRESS6 =
    '["address6", [["high","unsigned long long"], ["low","unsigned long long"] ], "struct_packed"]';
  it.each([
    ['address4', '[["raw","unsigned int"]]', 4, '192.0.2.1', '010200c0'],
    [
      'address6',
      '[["high","unsigned long long"], ["low","unsigned long long"]]',
      16,
      '2001:db8::1',
      '00000000b80d01200100000000000000',
    ],
    ['subnet4', '[["raw","unsigned int"], ["prefix","unsigned char"]]', 5, '192.0.2.0/24', '000200c018'],
    [
      'subnet6',
      `[["address",${ADDRESS6}], ["prefix","unsigned char"]]`,
      17,
      '2001:db8::/32',
      `00000000b80d0120${'00'.repeat(8)}20`,
    ],
    [
      'subnet6',
      `[["prefix","unsigned int"], ["address",${ADDRESS6}]]`,
      20,
      '::1/128',
      `80000000${'00'.repeat(8)}01${'00'.repeat(7)}`,
    ],
    ['portnumber', '[["raw","unsigned short"]]', 2, '80', '5000'],
  ])('struct %s of numbers %s takes %s bytes in host order: %s', (name, members, size, text, expected) => {
    const type = leafOf(`["${name}", ${members}, "struct_packed"]`, size);
    const bytes = parseValue(type, text, machine());
    expect(toHex(bytes)).toBe(expected);
    expect(formatValue(type, bytes, machine())).toBe(text);
    expect(toHex(parseValue(type, `${name}:${text}`, machine()))).toBe(expected);
    const big = machine(false);
    expect(formatValue(type, parseValue(type, text, big), big)).toBe(text);
  });

  it.each([
    [UNION, 8, 'union un', 'it is a union'],
    [BITS, 4, 'struct bits', 'it has bit-fields or an array without a length'],
    [NESTED2, 144, 'struct nested2', 'BCC does not describe all of it'],
    [WITH_UNION, 64, 'struct withun', 'it has an unnamed member'],
    [
      `["s", [["b",${BITS}], ["n","int"] ], "struct_packed"]`,
      12,
      'struct s',
      'BCC does not describe all of it',
    ],
    ['"float"', 4, 'float', 'its type is not known here'],
    ['["e", [], "struct_packed"]', 4, 'struct e', 'it has no members'],
  ])('%s of %i bytes takes bytes only', (descriptor, size, spelling, reason) => {
    expect(leafOf(descriptor, size)).toMatchObject({ kind: 'opaque', spelling, size, reason });
    expect(codecOf(leafOf(descriptor, size)).expects).toBe(`hex: and ${2 * size} hexadecimal digits`);
  });
});

describe('describeBccTable refuses', () => {
  it.each([
    ['no JSON', '"int'],
    ['a number', '1'],
    ['an object', '{}'],
    ['a struct without members', '["s"]'],
    ['a member without a type', '["s", [["a"]], "struct_packed"]'],
    ['a member that is none', '["s", ["a"], "struct_packed"]'],
    ['a length that is none', '["s", [["a","int",["x"]]], "struct_packed"]'],
    ['types in types without end', `${'["s", [["a",'.repeat(50)}"int"${']], "struct_packed"]'.repeat(50)}`],
  ])('%s', (_, descriptor) => {
    const { code, message, hint } = failureOf(() => leafOf(descriptor, 4));
    expect([code, hint]).toEqual(['ALF_OBJECT', 'this version of BCC is not known; version 0.26 is']);
    expect(message).toMatch(/^BCC describes table table as /);
  });
});
