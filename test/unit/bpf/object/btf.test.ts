import { describe, expect, it } from 'vitest';
import { parseBtf, resolveType } from '../../../../src/bpf/object/btf.js';
import { makeBtf, type RawType } from '../../support/btf.js';
import { failureOf } from '../../support/failure.js';

const parse = (...types: readonly RawType[]) => parseBtf(makeBtf(types), true).slice(1);

describe('parseBtf', () => {
  it.each<[type: RawType, expected: object]>([
    [
      { name: 'int', kind: 1, sizeOrType: 4, tail: [0x0100_0020] },
      { kind: 'int', name: 'int', size: 4, signed: true, bool: false, bits: 32 },
    ],
    [
      { name: 'u8', kind: 1, sizeOrType: 1, tail: [8] },
      { kind: 'int', name: 'u8', size: 1, signed: false, bool: false, bits: 8 },
    ],
    [
      { name: '_Bool', kind: 1, sizeOrType: 1, tail: [0x0400_0008] },
      { kind: 'int', name: '_Bool', size: 1, signed: false, bool: true, bits: 8 },
    ],
    [
      { name: 'part', kind: 1, sizeOrType: 4, tail: [0x0003_0005] },
      { kind: 'int', name: 'part', size: 4, signed: false, bool: false, bits: 0 },
    ],
    [
      { kind: 2, sizeOrType: 1 },
      { kind: 'pointer', name: '', type: 1 },
    ],
    [
      { kind: 3, tail: [1, 2, 16] },
      { kind: 'array', name: '', element: 1, length: 16 },
    ],
    [
      { name: 'e', kind: 6, sizeOrType: 4, vlen: 1, tail: [0, 7] },
      { kind: 'enum', name: 'e', size: 4, enumerators: [{ name: '', value: 7n }] },
    ],
    [
      { name: 'f', kind: 7 },
      { kind: 'other', name: 'f', type: 0 },
    ],
    [
      { name: 't', kind: 8, sizeOrType: 2 },
      { kind: 'alias', name: 't', type: 2 },
    ],
    [
      { kind: 9, sizeOrType: 2 },
      { kind: 'alias', name: '', type: 2 },
    ],
    [
      { kind: 10, sizeOrType: 2 },
      { kind: 'alias', name: '', type: 2 },
    ],
    [
      { kind: 11, sizeOrType: 2 },
      { kind: 'alias', name: '', type: 2 },
    ],
    [
      { name: 'fn', kind: 12, sizeOrType: 2 },
      { kind: 'other', name: 'fn', type: 2 },
    ],
    [
      { kind: 13, vlen: 1, tail: [0, 1] },
      { kind: 'other', name: '', type: 0 },
    ],
    [
      { name: 'v', kind: 14, sizeOrType: 2, tail: [1] },
      { kind: 'var', name: 'v', type: 2 },
    ],
    [
      { name: '.maps', kind: 15, sizeOrType: 32, vlen: 1, tail: [2, 8, 32] },
      { kind: 'datasec', name: '.maps', size: 32, members: [{ name: '', type: 2, offset: 8 }] },
    ],
    [
      { name: 'd', kind: 16, sizeOrType: 8 },
      { kind: 'float', name: 'd', size: 8 },
    ],
    [
      { name: 'tag', kind: 17, sizeOrType: 1, tail: [0] },
      { kind: 'tag', name: 'tag', type: 1, member: 0 },
    ],
    [
      { name: 'tag', kind: 17, sizeOrType: 1, tail: [0xffff_ffff] },
      { kind: 'tag', name: 'tag', type: 1, member: -1 },
    ],
    [
      { name: 'tag', kind: 18, sizeOrType: 1 },
      { kind: 'alias', name: '', type: 1 },
    ],
    [
      { name: 'e', kind: 6, flag: true, sizeOrType: 4, vlen: 1, tail: [0, 0xffff_ffff] },
      { kind: 'enum', name: 'e', size: 4, enumerators: [{ name: '', value: -1n }] },
    ],
    [
      { name: 'e', kind: 19, sizeOrType: 8, vlen: 1, tail: [0, 1, 2] },
      { kind: 'enum', name: 'e', size: 8, enumerators: [{ name: '', value: 0x2_0000_0001n }] },
    ],
    [
      { name: 'e', kind: 19, flag: true, sizeOrType: 8, vlen: 1, tail: [0, 0xffff_fffe, 0xffff_ffff] },
      { kind: 'enum', name: 'e', size: 8, enumerators: [{ name: '', value: -2n }] },
    ],
  ])('knows %j and where the next one starts', (type, expected) => {
    expect(parse(type, { name: 'end', kind: 16, sizeOrType: 2 })).toEqual([
      expected,
      { kind: 'float', name: 'end', size: 2 },
    ]);
  });

  it('takes the width of a bit-field out of its offset', () => {
    const tail = [0, 1, 32, 0, 1, 0x0300_0021];
    const [struct] = parse({ kind: 4, flag: true, vlen: 2, sizeOrType: 8, tail });
    expect(struct).toMatchObject({ members: [{ offset: 32 }, { offset: 33, bitFieldSize: 3 }] });
  });

  it('takes none where there are no bit-fields', () => {
    const [struct] = parse({ kind: 4, vlen: 1, sizeOrType: 2 ** 22, tail: [0, 1, 0x0100_0000] });
    expect(struct).toMatchObject({ members: [{ offset: 0x0100_0000 }] });
  });

  it.each([
    ['a wrong magic', makeBtf([], 0x9feb), 'the BTF of the object has a wrong magic'],
    ['an unknown kind', makeBtf([{ kind: 20 }]), 'the BTF of the object has the unknown kind 20'],
    ['kind 0', makeBtf([{ kind: 0 }]), 'the BTF of the object has the unknown kind 0'],
    [
      'a pointer to a type that there is not',
      makeBtf([{ kind: 2, sizeOrType: 2 }]),
      'the BTF of the object has no type 2',
    ],
    [
      'an array of such a type',
      makeBtf([{ kind: 3, tail: [2, 0, 1] }]),
      'the BTF of the object has no type 2',
    ],
    [
      'an array with such an index',
      makeBtf([{ kind: 3, tail: [0, 2, 1] }]),
      'the BTF of the object has no type 2',
    ],
    [
      'a member of such a type',
      makeBtf([{ kind: 4, vlen: 2, tail: [0, 1, 0, 0, 7, 0] }]),
      'the BTF of the object has no type 7',
    ],
    [
      'a variable of such a type',
      makeBtf([{ kind: 15, vlen: 1, tail: [2, 0, 0] }]),
      'the BTF of the object has no type 2',
    ],
    [
      'an argument of such a type',
      makeBtf([{ kind: 13, vlen: 1, tail: [0, 2] }]),
      'the BTF of the object has no type 2',
    ],
    ['no bytes', new Uint8Array(), 'the BTF of the object is damaged or cut short'],
    ['a lost tail', makeBtf([{ kind: 2 }]).subarray(0, -1), 'the BTF of the object is damaged or cut short'],
    [
      'too many members',
      makeBtf([{ kind: 4, vlen: 65535 }]),
      'the BTF of the object is damaged or cut short',
    ],
  ])('refuses %s', (_, section, message) => {
    expect(failureOf(() => parseBtf(section, true))).toMatchObject({ code: 'ALF_OBJECT', message });
  });
});

describe('resolveType', () => {
  const btf = parseBtf(
    makeBtf([
      { name: 'd', kind: 16, sizeOrType: 8 },
      { kind: 10, sizeOrType: 1 },
      { name: 't', kind: 8, sizeOrType: 2 },
      { kind: 9, sizeOrType: 5 },
      { kind: 9, sizeOrType: 4 },
    ]),
    true,
  );

  it.each([
    [0, 'void'],
    [1, 'float'],
    [2, 'float'],
    [3, 'float'],
  ])('finds what type %i is', (id, kind) => {
    expect(resolveType(btf, id).kind).toBe(kind);
  });

  it.each([
    ['in a circle', 4],
    ['that there is not', 6],
    ['far away', 4294967295],
  ])('refuses a type %s', (_, id) => {
    expect(failureOf(() => resolveType(btf, id))).toEqual({
      code: 'ALF_OBJECT',
      message: `the BTF of the object has no type ${id}`,
      hint: 'compile the object again',
    });
  });
});
