import type { Notation } from './notation.js';

/** A named value of an enumeration. */
export interface Enumerator {
  readonly name: string;
  readonly value: bigint;
}

/** A member of a struct that can be written by hand. */
export interface Member {
  readonly name: string;
  readonly type: ValueType;
  /** Bytes from the start of the struct. */
  readonly offset: number;
}

/** The shapes that a value can have, as far as their bytes are written differently. */
export type Shape =
  | { readonly kind: 'int'; readonly signed: boolean }
  | { readonly kind: 'bool' | 'char' }
  | { readonly kind: 'enum'; readonly enumerators: readonly Enumerator[] }
  | { readonly kind: 'array'; readonly element: ValueType; readonly length: number }
  /** Members do not overlap and come in order of their offsets. */
  | { readonly kind: 'struct'; readonly members: readonly Member[] }
  /** Written as `hex:` only; `reason` says why, to follow "cannot be read as TYPE:". */
  | { readonly kind: 'opaque'; readonly reason: string };

/**
 * The type of a key or a value, complete in itself: what BTF or BCC says of it, and nothing of where it came from.
 */
export type ValueType = Shape & {
  /** The type's own name in C, without `struct`; empty for one without a name. */
  readonly name: string;
  /** As it stands in a declaration: `__u32`, `struct subnet4`, `char[16]`. */
  readonly spelling: string;
  /** Size in bytes. */
  readonly size: number;
  /** How a value is written where that does not follow from the shape. */
  readonly notation?: Notation;
  /** Whether addresses and ports are numbers in the byte order of the machine; else they are as on the wire. */
  readonly hostOrder?: boolean;
};

/** Larger types than this (in bytes) are not written member by member. */
const MAX_BYTES = 1 << 20;

/** A type whose values are written in bytes. */
export function opaqueType(name: string, spelling: string, size: number, reason: string): ValueType {
  return { kind: 'opaque', name, spelling, size, reason };
}

/** An array, spelled as in C: `__u32[2][3]` is an array of two `__u32[3]`. */
export function arrayType(element: ValueType, length: number): ValueType {
  const size = element.size * length;
  const [, base = '', dimensions = ''] = /^([^[]*)(.*)$/s.exec(element.spelling) ?? [];
  const spelling = `${base}[${length}]${dimensions}`;
  if (size === 0) return opaqueType('', spelling, size, 'it has no elements');
  if (size > MAX_BYTES) return opaqueType('', spelling, size, 'it is too large');
  return { kind: 'array', name: '', spelling, size, element, length };
}

/** A type and its size: `struct conn (8 bytes)`. */
export function describeType({ spelling, size }: ValueType): string {
  return `${spelling} (${size} ${size === 1 ? 'byte' : 'bytes'})`;
}

/** Whether a name is one of C, and so has nothing in it that means something where values are written. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

/** Whether no two have the same name: in C they cannot, and a name could mean either. */
export function areUnique(named: readonly { readonly name: string }[]): boolean {
  return new Set(named.map(({ name }) => name)).size === named.length;
}

/** A member in the making: those of an unnamed struct count as the outer one's, as in C. */
export interface RawMember extends Member {
  readonly bitField: boolean;
}

/**
 * A struct, or an opaque type where its members cannot be written one by one.
 *
 * @param name its tag; empty if it has none
 * @param spelling as {@link ValueType}
 */
export function structType(
  name: string,
  spelling: string,
  size: number,
  raw: readonly RawMember[],
): ValueType {
  const members = raw.flatMap(flatten);
  const reason = size > MAX_BYTES ? 'it is too large' : whyNotByMember(raw, members, size);
  if (reason !== undefined) return opaqueType(name, spelling, size, reason);
  return { kind: 'struct', name, spelling, size, members };
}

function flatten({ name, type, offset }: RawMember): Member[] {
  if (name !== '' || type.kind !== 'struct') return [{ name, type, offset }];
  return type.members.map((inner) => ({ ...inner, offset: offset + inner.offset }));
}

function whyNotByMember(
  raw: readonly RawMember[],
  members: readonly Member[],
  size: number,
): string | undefined {
  if (members.length === 0) return 'it has no members';
  if (raw.some(({ bitField }) => bitField)) return 'it has bit-fields';
  const nameless = members.find(({ name }) => !isIdentifier(name));
  if (nameless !== undefined)
    return `it has ${nameless.name === '' ? 'an unnamed' : 'a strangely named'} member`;
  if (!areUnique(members)) return 'two of its members have the same name';
  const ends = members.map(({ type, offset }) => offset + type.size);
  if (members.some(({ offset }, i) => offset < (ends[i - 1] ?? 0))) return 'its members overlap';
  if (members.some(({ type }) => type.size === 0)) return 'it has a member without a size';
  return (ends.at(-1) ?? 0) > size ? 'its members do not fit into it' : undefined;
}
