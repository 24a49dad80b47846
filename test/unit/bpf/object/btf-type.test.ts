import { describe, expect, it } from 'vitest';
import { parseBtf } from '../../../../src/bpf/object/btf.js';
import { BtfTypes } from '../../../../src/bpf/object/btf-type.js';
import { describeObject, readTraits } from '../../../../src/bpf/object/index.js';
import type { ValueType } from '../../../../src/bpf/values/index.js';
import { makeBtf, type RawType } from '../../support/btf.js';
import { failureOf } from '../../support/failure.js';
import { fixtureType, sessionType, typesObject } from '../../support/fixture-types.js';

describe('describeObject', () => {
  const { programs, maps, littleEndian } = describeObject(typesObject());

  it('finds programs and their sections', () => {
    expect(programs).toEqual([
      { name: 'filter', section: 'socket' },
      { name: 'count', section: 'socket/count' },
    ]);
    expect(littleEndian).toBe(true);
    expect(readTraits(typesObject())).toEqual({ license: 'GPL', keepsState: true });
  });

  it('finds maps of every kind', () => {
    const shown = maps.map(({ name, kind, maxEntries, key, value }) => {
      return `${name}: ${kind} ${maxEntries}, ${key.spelling} → ${value.spelling}`;
    });
    expect(shown.sort()).toEqual([
      'alf_bits: hash 4, enum large → struct bits',
      'alf_counters: percpu_hash 4, alf_ipv4 → counters_t',
      'alf_mixed: lru_hash 4, enum color → struct mixed',
      'alf_pointers: hash 4, unsigned __int128 → pointer',
      'alf_programs: prog_array 4, __u32 → __u32',
      'alf_queue: queue 4, void → __be32',
      'alf_ring: ringbuf 4096, void → void',
      'alf_sessions: hash 4, struct pair → struct session',
      'alf_sizes: hash 4, void → void',
      'alf_slots: percpu_array 4, __u32 → __u8',
      'alf_unnamed: array 4, __u32 → struct unnamed',
      'alf_words: lru_percpu_hash 4, __be16 → char',
    ]);
  });
});

describe('types are read with their notation', () => {
  it.each([
    ['src', 'int', 'alf_ipv4', 4, 'ipv4'],
    ['dst', 'int', '__be32', 4, 'ipv4'],
    ['port', 'int', 'alf_port', 2, 'port'],
    ['length', 'int', '__be16', 2, 'big'],
    ['sequence', 'int', '__le32', 4, 'little'],
    ['mac', 'array', '__u8[6]', 6, 'mac'],
    ['gateway', 'array', '__u8[6]', 6, 'mac'],
    ['many', 'array', '__be32[2]', 8, undefined],
    ['device', 'int', '__u32', 4, 'ifname'],
    ['cookie', 'array', '__u8[4]', 4, 'text'],
    ['name', 'array', 'char[8]', 8, undefined],
    ['open', 'bool', '_Bool', 1, undefined],
    ['color', 'enum', 'enum color', 4, undefined],
    ['grid', 'array', '__u16[2][3]', 12, undefined],
    ['offset', 'int', 'long', 8, undefined],
    ['y', 'int', '__s16', 2, undefined],
    ['net', 'struct', 'struct subnet6', 20, 'prefix6'],
    ['peer', 'array', '__u8[16]', 16, 'ipv6'],
    ['wide', 'int', 'unsigned __int128', 16, undefined],
  ])('%s', (member, kind, spelling, size, notation) => {
    expect(sessionType(member)).toMatchObject({ kind, spelling, size });
    expect(sessionType(member).notation).toBe(notation);
  });

  it('which an array hands to its elements', () => {
    expect(sessionType('many')).toMatchObject({ element: { notation: 'ipv4' } });
  });

  it('and enumerations with their values', () => {
    expect(sessionType('color')).toMatchObject({
      enumerators: [
        { name: 'RED', value: 0n },
        { name: 'GREEN', value: 5n },
        // From clang 15 on it is signed.
        { name: 'BLUE', value: expect.toSatisfy((value) => BigInt.asIntN(32, value) === -1n) },
      ],
    });
  });

  it('and members of unnamed structs as those of the outer one', () => {
    const session = fixtureType('alf_sessions.value');
    const names = session.kind === 'struct' ? session.members.map(({ name }) => name) : [];
    expect(names.slice(19, 21)).toEqual(['x', 'y']);
  });
});

/** Type 1 is `unsigned int`, type 2 `unsigned char`; the third is read. */
const read = (...types: readonly RawType[]): ValueType => {
  const numbers: RawType[] = [
    { name: 'unsigned int', kind: 1, sizeOrType: 4, tail: [32] },
    { name: 'unsigned char', kind: 1, sizeOrType: 1, tail: [8] },
  ];
  return new BtfTypes(parseBtf(makeBtf([...numbers, ...types]), true)).read(3);
};

const struct = (
  name: string,
  size: number,
  ...members: readonly (readonly [type: number, bits: number])[]
) => ({
  name,
  kind: 4,
  sizeOrType: size,
  vlen: members.length,
  tail: members.flatMap(([type, bits], i) => [NAMES + i * 2, type, bits]),
});

/** Where one-letter names begin in the strings, behind those of the types. */
const NAMES = 1;

const tag = (name: string, type: number, member = -1): RawType => ({
  name,
  kind: 17,
  sizeOrType: type,
  tail: [member >>> 0],
});

describe('structs of the names of ours', () => {
  const letters: readonly RawType[] = ['a', 'b', 'c'].map((name) => ({ name, kind: 7 }));
  const named = (...types: readonly RawType[]) =>
    new BtfTypes(
      parseBtf(
        makeBtf([
          ...letters,
          { name: 'unsigned int', kind: 1, sizeOrType: 4, tail: [32] },
          { name: 'unsigned short', kind: 1, sizeOrType: 2, tail: [16] },
          ...types,
        ]),
        true,
      ),
    ).read(6);

  it.each([
    ['subnet4', struct('subnet4', 8, [4, 0], [4, 32]), 'prefix4'],
    ['a subnet4 without a length', struct('subnet4', 8, [5, 0], [5, 16], [4, 32]), undefined],
    ['a subnet4 of another size', struct('subnet4', 12, [4, 0], [4, 32], [4, 64]), undefined],
    ['address4 in halves', struct('address4', 4, [5, 0], [5, 16]), 'ipv4'],
    ['an index', struct('index', 4, [4, 0]), 'number'],
    ['an index in halves', struct('index', 4, [5, 0], [5, 16]), undefined],
    ['a struct of another name', struct('constructor', 4, [4, 0]), undefined],
  ])('%s', (_, type, notation) => {
    expect(named(type)).toMatchObject({ kind: 'struct', name: type.name });
    expect(named(type).notation).toBe(notation);
  });

  it.each([
    ['overlap', struct('s', 8, [4, 0], [4, 16]), 'its members overlap'],
    ['are too large', struct('s', 4, [4, 0], [4, 32]), 'its members do not fit into it'],
    ['are not there', struct('s', 4), 'it has no members'],
    ['have no size', struct('s', 4, [1, 0]), 'it has a member without a size'],
    ['begin in the middle of a byte', struct('s', 8, [4, 4]), 'it has bit-fields'],
  ])('are opaque where members %s', (_, type, reason) => {
    expect(named(type)).toMatchObject({ kind: 'opaque', reason });
  });
});

describe('types that no program has', () => {
  it.each<[name: string, types: readonly RawType[], reason: RegExp]>([
    ['a struct in itself', [struct('s', 4, [3, 0])], /./],
    ['an array of itself', [{ kind: 3, tail: [3, 1, 4] }], /./],
    ['an array of 4 GiB', [{ kind: 3, tail: [2, 1, 0xffff_ffff] }], /^it is too large$/],
    ['an array of nothing', [{ kind: 3, tail: [2, 1, 0] }], /^it has no elements$/],
    ['an integer of 3 bits', [{ name: 'i', kind: 1, sizeOrType: 4, tail: [3] }], /^it is a bit-field$/],
    ['an integer of 32 bytes', [{ name: 'i', kind: 1, sizeOrType: 32, tail: [0] }], /^its size is unusual$/],
    [
      'an enumeration of what has no name',
      [{ name: 'e', kind: 6, sizeOrType: 4, vlen: 1, tail: [0, 1] }],
      /^it has a strangely named value$/,
    ],
    [
      'an enumeration of two of the same name',
      [{ name: 'e', kind: 6, sizeOrType: 4, vlen: 2, tail: [28, 1, 28, 2] }],
      /^two of its values have the same name$/,
    ],
    ['an enumeration of 3 bytes', [{ name: 'e', kind: 6, sizeOrType: 3 }], /^its size is unusual$/],
    ['a function', [{ name: 'f', kind: 12, sizeOrType: 1 }], /^it has no values$/],
    [
      'a tower of structs, each twice in the next',
      Array.from({ length: 30 }, (_, i) =>
        struct('s', 8, [i === 29 ? 1 : i + 4, 0], [i === 29 ? 1 : i + 4, 0]),
      ),
      /./,
    ],
  ])('are opaque: %s', (_, types, reason) => {
    const type = read(...types);
    expect(type).toMatchObject({ kind: 'opaque', reason: expect.stringMatching(reason) });
  });
});

const NOTATIONS =
  'the notations are: ipv4, ipv6, prefix4, prefix6, mac, ifname, port, number, big, little, text';

describe('tags are refused', () => {
  const typedef = { name: 'alf_mac', kind: 8, sizeOrType: 1 };

  it.each<[name: string, types: readonly RawType[], message: string]>([
    ['of an unknown notation', [tag('alf:ipv5', 1)], 'alf:ipv5 is not a notation'],
    ['without a notation', [tag('alf:', 1)], 'alf: is not a notation'],
    [
      'that do not fit',
      [{ name: 't', kind: 8, sizeOrType: 1 }, tag('alf:ipv6', 3)],
      'notation ipv6 of t is not for t (4 bytes)',
    ],
    ['of a typedef that does not fit', [typedef], 'notation mac of alf_mac is not for alf_mac (4 bytes)'],
    [
      'of an array of what does not fit',
      [{ kind: 3, tail: [1, 1, 2] }, tag('alf:mac', 3)],
      'notation mac of "unsigned int[2]" is not for unsigned int (4 bytes)',
    ],
  ])('%s', (_, types, message) => {
    expect(failureOf(() => read(...types))).toEqual({ code: 'ALF_OBJECT', message, hint: NOTATIONS });
  });

  it('but for those of somebody else', () => {
    expect(read({ name: 't', kind: 8, sizeOrType: 1 }, tag('other:ipv5', 3))).toMatchObject({ kind: 'int' });
    expect(read({ name: 'alf_nothing', kind: 8, sizeOrType: 1 }).notation).toBeUndefined();
  });
});
