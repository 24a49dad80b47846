import fc from 'fast-check';
import type { ValueType } from '../../src/bpf/values/index.js';
import { isNotation, NOTATIONS } from '../../src/bpf/values/notation.js';
import { notationCodec } from '../../src/bpf/values/notation-codec.js';
import { namedNotation } from '../../src/bpf/values/type-names.js';
import { arrayType, opaqueType, type RawMember, structType } from '../../src/bpf/values/value-type.js';

const STRUCT_NAMES = [
  'session',
  'address4',
  'address6',
  'subnet4',
  'subnet6',
  'interface',
  'portnumber',
  'index',
];
const MEMBER_NAMES = ['a', 'b', 'src', 'x1', '_y', 'hex', 'ipv4', 'constructor'];

const integers = fc.tuple(fc.constantFrom(1, 2, 4, 8, 16), fc.boolean()).map(([size, signed]): ValueType => {
  const spelling = `${signed ? 's' : 'u'}${size * 8}`;
  return { kind: 'int', name: spelling, spelling, size, signed };
});

const enums = fc
  .tuple(
    fc.constantFrom(1, 2, 4, 8),
    fc.uniqueArray(fc.bigInt({ min: -200n, max: 2n ** 64n }), { minLength: 1, maxLength: 6 }),
  )
  .map(([size, values]): ValueType => {
    const enumerators = values.map((value, i) => ({ name: `VALUE_${i}`, value }));
    return { kind: 'enum', name: 'e', spelling: 'enum e', size, enumerators };
  });

const others = fc.constantFrom<ValueType>(
  { kind: 'bool', name: '_Bool', spelling: '_Bool', size: 1 },
  { kind: 'char', name: 'char', spelling: 'char', size: 1 },
  opaqueType('u', 'union u', 8, 'it is a union'),
);

/** Members one behind the other, with gaps between some. */
function place(parts: readonly (readonly [type: ValueType, gap: number, name: string])[]) {
  let end = 0;
  const members = parts.map(([type, gap, name]): RawMember => {
    const offset = end + gap;
    end = offset + type.size;
    return { name, type, offset, bitField: false };
  });
  return { members, end };
}

/** Gives a type a notation, if it can have it. */
const noted = (inner: fc.Arbitrary<ValueType>) =>
  fc.tuple(inner, fc.option(fc.constantFrom(...NOTATIONS), { freq: 2 })).map(([type, notation]) => {
    const fits = notation !== null && isNotation(notation) && notationCodec(notation, type) !== undefined;
    return fits ? { ...type, notation } : type;
  });

/** Types of every shape and notation, nested. */
export const valueTypes: fc.Arbitrary<ValueType> = fc.letrec<{ type: ValueType }>((tie) => {
  const arrays = fc.tuple(tie('type'), fc.integer({ min: 1, max: 6 })).map(([type, n]) => arrayType(type, n));
  const part = fc.tuple(tie('type'), fc.constantFrom(0, 0, 0, 1, 3));
  const structs = fc
    .tuple(
      fc.constantFrom(...STRUCT_NAMES),
      fc.array(part, { minLength: 1, maxLength: 4 }),
      fc.shuffledSubarray(MEMBER_NAMES, { minLength: 4 }),
      fc.constantFrom(0, 0, 2),
    )
    .map(([name, parts, names, tail]) => {
      const { members, end } = place(parts.map(([type, gap], i) => [type, gap, names[i] ?? ''] as const));
      return namedNotation(structType(name, `struct ${name}`, end + tail, members));
    });
  return {
    type: noted(
      fc.oneof({ depthSize: 'small', withCrossShrink: true }, integers, enums, others, arrays, structs),
    ),
  };
}).type;

/** Bytes of a size: noise, or mostly small numbers and text, which mean something more often. */
export function bytesOf(size: number): fc.Arbitrary<Uint8Array> {
  const exactly = { minLength: size, maxLength: size };
  const telling = fc.constantFrom(0, 0, 0, 0, 1, 2, 32, 48, 97, 122, 255);
  return fc.oneof(
    fc.uint8Array(exactly),
    fc.array(telling, exactly).map((bytes) => Uint8Array.from(bytes)),
    fc.constant(new Uint8Array(size)),
  );
}
