import type { Notation } from './notation.js';
import type { ValueType } from './value-type.js';

/** How structs of these names are written (ebpf/include/alf/types.h). */
const STRUCTS: Readonly<Record<string, { readonly notation: Notation; readonly size: number }>> = {
  address4: { notation: 'ipv4', size: 4 },
  address6: { notation: 'ipv6', size: 16 },
  subnet4: { notation: 'prefix4', size: 8 },
  subnet6: { notation: 'prefix6', size: 20 },
  interface: { notation: 'ifname', size: 4 },
  portnumber: { notation: 'port', size: 2 },
  index: { notation: 'number', size: 4 },
};

/** Spellings of integer types that may precede a value: C99's and the kernel's. */
const INTEGER_NAMES = /^(?:(u?)int(8|16|32|64)_t|__([us])(8|16|32|64)|([us])(8|16|32|64))$/;

/** Gives a struct the notation that its name stands for, if it is laid out accordingly. */
export function namedNotation(type: ValueType): ValueType {
  if (type.kind !== 'struct' || !Object.hasOwn(STRUCTS, type.name)) return type;
  const known = STRUCTS[type.name];
  if (known === undefined || known.size !== type.size || !hasLayout(type.members, known.notation))
    return type;
  return { ...type, notation: known.notation };
}

/** The notation that the name of a struct stands for, however it is laid out. */
export function notationOfName(name: string): Notation | undefined {
  return Object.hasOwn(STRUCTS, name) ? STRUCTS[name]?.notation : undefined;
}

/** A prefix begins with its length; an index is one number. The rest are bytes in a row, however they are declared. */
function hasLayout([first, ...rest]: readonly { type: ValueType }[], notation: Notation): boolean {
  if (notation.startsWith('prefix')) return first?.type.kind === 'int' && first.type.size === 4;
  return notation !== 'number' || (first?.type.kind === 'int' && rest.length === 0);
}

/** The name of the type before a value, undefined without one. */
export function typeInFront(text: string): string | undefined {
  const word = text.slice(0, Math.max(text.indexOf(':'), 0));
  return Object.hasOwn(STRUCTS, word) || INTEGER_NAMES.test(word) ? word : undefined;
}

/** The name of a type before a value; as in a declaration for a type that cannot. */
export function typeName(type: ValueType): string {
  if (type.kind === 'int') return `${type.signed ? '' : 'u'}int${type.size * 8}_t`;
  return type.kind === 'struct' && type.notation !== undefined ? type.name : type.spelling;
}

/**
 * Whether a value that says it is of the type `written` may be given for a type: the same struct, or an integer type of
 * the same size or a wider one (the range is checked against the map's own type). `index` counts as an integer of its
 * size.
 */
export function accepts(type: ValueType, written: string): boolean {
  const name = typeName(type);
  if (written === name) return true;
  const [expected, given] = [integerBits(name), integerBits(written)];
  return expected !== undefined && given !== undefined && given >= expected;
}

/** The width an integer type has by its name, undefined for all other types. */
function integerBits(typeName: string): number | undefined {
  if (typeName === 'index') return 32;
  return INTEGER_NAMES.test(typeName) ? Number(/[0-9]+/.exec(typeName)?.[0]) : undefined;
}
