import { AlfError } from '../../errors/index.js';
import type { Enumerator } from '../values/index.js';
import { Reader } from './reader.js';

/** A member of a struct or union, or a variable of a data section. */
export interface BtfMember {
  readonly name: string;
  /** Type id. */
  readonly type: number;
  /** Struct and union: bits from the start. Data section: bytes. */
  readonly offset: number;
  /** The width of a bit-field in bits; absent for whole members. */
  readonly bitFieldSize?: number;
}

/** A type as BTF describes it; `id` is what other types refer to. */
export type BtfType =
  | { readonly kind: 'void'; readonly name: '' }
  | {
      readonly kind: 'int';
      readonly name: string;
      readonly size: number;
      readonly signed: boolean;
      readonly bool: boolean;
      /** How many of its bits count: fewer than it has in an old way to describe bit-fields. */
      readonly bits: number;
    }
  | { readonly kind: 'array'; readonly name: ''; readonly element: number; readonly length: number }
  | {
      readonly kind: 'struct' | 'union' | 'datasec';
      readonly name: string;
      readonly size: number;
      readonly members: readonly BtfMember[];
    }
  | {
      readonly kind: 'enum';
      readonly name: string;
      readonly size: number;
      /** Undefined where the values do not fit: clang 14 cuts those of an enumeration of 64 bits. */
      readonly enumerators: readonly Enumerator[] | undefined;
    }
  | { readonly kind: 'float'; readonly name: string; readonly size: number }
  /** What `btf_decl_tag` says of a type, or of one of its members: -1 is the type itself. */
  | { readonly kind: 'tag'; readonly name: string; readonly type: number; readonly member: number }
  | { readonly kind: 'alias' | 'pointer' | 'var' | 'other'; readonly name: string; readonly type: number };

/** All types of an object, indexed by type id; id 0 is void. */
export type Btf = readonly BtfType[];

const MAGIC = 0xeb9f;
const INT_SIGNED = 1;
const INT_BOOL = 4;

/** BTF_KIND_* of the kernel's include/uapi/linux/btf.h. */
const KIND = {
  INT: 1,
  PTR: 2,
  ARRAY: 3,
  STRUCT: 4,
  UNION: 5,
  ENUM: 6,
  FWD: 7,
  TYPEDEF: 8,
  VOLATILE: 9,
  CONST: 10,
  RESTRICT: 11,
  FUNC: 12,
  FUNC_PROTO: 13,
  VAR: 14,
  DATASEC: 15,
  FLOAT: 16,
  DECL_TAG: 17,
  TYPE_TAG: 18,
  ENUM64: 19,
} as const;

/** What stands where in the description of a type, in bytes from its start, behind a header of 12. */
interface Shape {
  /** Bytes behind the header. */
  readonly fixed?: number;
  /** Bytes of each of the `vlen` elements behind that. */
  readonly element?: number;
  /** Where the ids of other types are. */
  readonly references?: readonly number[];
  /** Where the id of another type is in an element. */
  readonly elementReference?: number;
}

const REFERENCE: Shape = { references: [8] };

const SHAPES: Readonly<Record<number, Shape>> = {
  [KIND.INT]: { fixed: 4 },
  [KIND.PTR]: REFERENCE,
  [KIND.ARRAY]: { fixed: 12, references: [12, 16] },
  [KIND.STRUCT]: { element: 12, elementReference: 4 },
  [KIND.UNION]: { element: 12, elementReference: 4 },
  [KIND.ENUM]: { element: 8 },
  [KIND.FWD]: {},
  [KIND.TYPEDEF]: REFERENCE,
  [KIND.VOLATILE]: REFERENCE,
  [KIND.CONST]: REFERENCE,
  [KIND.RESTRICT]: REFERENCE,
  [KIND.FUNC]: REFERENCE,
  [KIND.FUNC_PROTO]: { ...REFERENCE, element: 8, elementReference: 4 },
  [KIND.VAR]: { ...REFERENCE, fixed: 4 },
  [KIND.DATASEC]: { element: 12, elementReference: 0 },
  [KIND.FLOAT]: {},
  [KIND.DECL_TAG]: { ...REFERENCE, fixed: 4 },
  [KIND.TYPE_TAG]: REFERENCE,
  [KIND.ENUM64]: { element: 12 },
};

/**
 * Decodes the `.BTF` section of an object.
 *
 * Types refer to types that there are: libbpf takes that for granted, and ends the process where it is not so.
 *
 * @throws AlfError ALF_OBJECT if it is damaged or holds a kind of type we do not know the size of
 * @see Documentation/bpf/btf.rst
 */
export function parseBtf(section: Uint8Array, littleEndian: boolean): Btf {
  const reader = new Reader(section, littleEndian, 'the BTF of the object');
  if (reader.u16(0) !== MAGIC) throw damaged('a wrong magic');

  const header = reader.u32(4);
  const start = header + reader.u32(8);
  const end = start + reader.u32(12);
  const strings = reader.part(header + reader.u32(16), reader.u32(20));
  const types: BtfType[] = [{ kind: 'void', name: '' }];
  let highest = 0;
  for (let at = start; at < end; ) {
    const info = reader.u32(at + 4);
    const kind = (info >>> 24) & 0x1f;
    const count = info & 0xffff;
    const shape = SHAPES[kind];
    if (shape === undefined) throw damaged(`the unknown kind ${kind}`);
    const { fixed = 0, element = 0 } = shape;
    types.push(decodeType({ reader, strings, at, count, flag: info >>> 31 === 1 }, kind));
    highest = Math.max(highest, highestReference(reader, at, count, shape));
    at += 12 + fixed + element * count;
  }
  if (highest >= types.length) throw damaged(`no type ${highest}`);
  return types;
}

function highestReference(
  reader: Reader,
  at: number,
  count: number,
  { fixed = 0, element = 0, references = [], elementReference }: Shape,
): number {
  let highest = 0;
  for (const offset of references) highest = Math.max(highest, reader.u32(at + offset));
  if (elementReference === undefined) return highest;
  const first = at + 12 + fixed + elementReference;
  for (let i = 0; i < count; i++) highest = Math.max(highest, reader.u32(first + i * element));
  return highest;
}

function damaged(what: string): AlfError {
  return new AlfError('ALF_OBJECT', `the BTF of the object has ${what}`, {
    hint: 'compile the object again',
  });
}

/** A type in the section: its header is at `at`, `count` elements follow. */
interface Position {
  readonly reader: Reader;
  /** The names. */
  readonly strings: Reader;
  readonly at: number;
  readonly count: number;
  /** `kind_flag`: a struct has bit-fields in the new description, an enumeration is signed. */
  readonly flag: boolean;
}

function decodeType(position: Position, kind: number): BtfType {
  const { reader, strings, at } = position;
  const name = strings.text(reader.u32(at));
  const sizeOrType = reader.u32(at + 8);
  switch (kind) {
    case KIND.INT:
      return { kind: 'int', name, size: sizeOrType, ...decodeInteger(reader.u32(at + 12)) };
    case KIND.ARRAY:
      return { kind: 'array', name: '', element: reader.u32(at + 12), length: reader.u32(at + 20) };
    case KIND.STRUCT:
      return { kind: 'struct', name, size: sizeOrType, members: decodeMembers(position) };
    case KIND.UNION:
      return { kind: 'union', name, size: sizeOrType, members: decodeMembers(position) };
    case KIND.DATASEC:
      return { kind: 'datasec', name, size: sizeOrType, members: decodeVariables(position) };
    case KIND.ENUM: {
      const enumerators = sizeOrType > 4 ? undefined : decodeEnumerators(position, 32);
      return { kind: 'enum', name, size: sizeOrType, enumerators };
    }
    case KIND.ENUM64:
      return { kind: 'enum', name, size: sizeOrType, enumerators: decodeEnumerators(position, 64) };
    case KIND.FLOAT:
      return { kind: 'float', name, size: sizeOrType };
    case KIND.PTR:
      return { kind: 'pointer', name, type: sizeOrType };
    case KIND.VAR:
      return { kind: 'var', name, type: sizeOrType };
    case KIND.TYPEDEF:
    case KIND.VOLATILE:
    case KIND.CONST:
    case KIND.RESTRICT:
    case KIND.TYPE_TAG:
      return { kind: 'alias', name: kind === KIND.TYPEDEF ? name : '', type: sizeOrType };
    case KIND.DECL_TAG:
      return { kind: 'tag', name, type: sizeOrType, member: reader.u32(at + 12) | 0 };
    default:
      return { kind: 'other', name, type: sizeOrType };
  }
}

function decodeInteger(word: number): { signed: boolean; bool: boolean; bits: number } {
  const encoding = word >>> 24;
  return {
    signed: (encoding & INT_SIGNED) !== 0,
    bool: (encoding & INT_BOOL) !== 0,
    bits: (word >>> 16) & 0xff ? 0 : word & 0xff,
  };
}

function decodeMembers({ reader, strings, at, count, flag }: Position): BtfMember[] {
  return Array.from({ length: count }, (_, i) => {
    const start = at + 12 + i * 12;
    const offset = reader.u32(start + 8);
    const width = flag ? offset >>> 24 : 0;
    return {
      name: strings.text(reader.u32(start)),
      type: reader.u32(start + 4),
      offset: flag ? offset & 0xffffff : offset,
      ...(width === 0 ? {} : { bitFieldSize: width }),
    };
  });
}

function decodeVariables({ reader, at, count }: Position): BtfMember[] {
  return Array.from({ length: count }, (_, i) => ({
    name: '',
    type: reader.u32(at + 12 + i * 12),
    offset: reader.u32(at + 12 + i * 12 + 4),
  }));
}

function decodeEnumerators({ reader, strings, at, count, flag }: Position, bits: 32 | 64): Enumerator[] {
  const size = 4 + bits / 8;
  return Array.from({ length: count }, (_, i) => {
    const start = at + 12 + i * size;
    const low = BigInt(reader.u32(start + 4));
    const value = bits === 32 ? low : (BigInt(reader.u32(start + 8)) << 32n) | low;
    return {
      name: strings.text(reader.u32(start)),
      value: flag ? BigInt.asIntN(bits, value) : value,
    };
  });
}

/**
 * Follows typedefs and qualifiers to the type behind them.
 *
 * @throws AlfError ALF_OBJECT for an id that does not exist, or a circle of aliases
 */
export function resolveType(btf: Btf, id: number): BtfType {
  let next = id;
  for (let steps = 0; steps <= btf.length; steps++) {
    const type = btf[next];
    if (type === undefined) break;
    if (type.kind !== 'alias') return type;
    next = type.type;
  }
  throw damaged(`no type ${id}`);
}
