import { AlfError, quote } from '../../errors/index.js';
import {
  arrayType,
  isInHostOrder,
  type MapSpec,
  mapKind,
  namedNotation,
  notationOfName,
  opaqueType,
  type RawMember,
  structType,
  type ValueType,
} from '../values/index.js';

/** A table as libbcc describes it: `bpf_table_name`, `bpf_table_type_id`, `bpf_table_key_desc_id` and so on. */
export interface BccTable {
  readonly name: string;
  /** BPF_MAP_TYPE_*. */
  readonly type: number;
  /** JSON text; empty where the table has no key. */
  readonly keyDescriptor: string;
  readonly leafDescriptor: string;
  readonly keySize: number;
  readonly leafSize: number;
  readonly maxEntries: number;
}

/**
 * The map that a table of BCC is, as an object in libbpf's style would declare it.
 *
 * Descriptors say less than BTF: typedefs and enumerations have become integers (a notation before a value makes
 * up for it), and of arrays in arrays only the outer length is left. What does not come to the size of the key or the
 * leaf is written in bytes.
 *
 * @throws AlfError ALF_OBJECT for an invalid descriptor
 * @see src/cc/json_map_decl_visitor.cc of BCC 0.26
 */
export function describeBccTable(table: BccTable): MapSpec {
  const { name, type, maxEntries } = table;
  return {
    name,
    kind: mapKind(type),
    maxEntries,
    key: describe(table, table.keyDescriptor, table.keySize),
    value: describe(table, table.leafDescriptor, table.leafSize),
  };
}

/** What a struct is declared as, so that its layout can be told. */
type Descriptor = readonly unknown[] | string;

/** The size of a type that the descriptor does not tell: it makes that of every type around it unknown. */
const UNKNOWN = Number.NaN;

/** Types nest no deeper in C programs. */
const MAX_DEPTH = 32;

function describe(table: BccTable, descriptor: string, size: number): ValueType {
  if (descriptor === '') return opaqueType('', 'void', size, 'it has no type');
  const type = typeOf(table, parse(table, descriptor), 0);
  if (type.size === size || type.kind === 'opaque') return { ...type, size };
  // A typedef of an array is described as one element.
  if (type.kind !== 'struct' && size % type.size === 0) return arrayType(type, size / type.size);
  return opaqueType(type.name, type.spelling, size, 'BCC does not describe all of it');
}

function parse(table: BccTable, descriptor: string): unknown {
  try {
    return JSON.parse(descriptor);
  } catch {
    throw damaged(table, descriptor);
  }
}

/** `"unsigned int"`, or `[name, [member…], "struct" | "struct_packed" | "union"]`. */
function typeOf(table: BccTable, descriptor: unknown, depth: number): ValueType {
  if (typeof descriptor === 'string') return scalarOf(descriptor);
  const [name, members, layout] = Array.isArray(descriptor) ? (descriptor as unknown[]) : [];
  if (typeof name !== 'string' || !Array.isArray(members) || depth > MAX_DEPTH) {
    throw damaged(table, JSON.stringify(descriptor) ?? 'nothing');
  }
  const keyword = layout === 'union' ? 'union' : 'struct';
  const spelling = name === '' ? keyword : `${keyword} ${name}`;
  const placed = place(table, members as unknown[], depth);
  if (layout === 'union') {
    const size = Math.max(0, ...placed.map(({ type }) => type.size));
    return opaqueType(name, spelling, size, 'it is a union');
  }
  // Only in packed structs padding is a member of its own, so that the offsets are known.
  if (layout !== 'struct_packed') {
    return opaqueType(name, spelling, UNKNOWN, 'it has bit-fields or an array without a length');
  }
  const size = placed.reduce((end, { type }) => end + type.size, 0);
  return headerNotation(structType(name, spelling, size, placed.filter(isNoPadding)));
}

/**
 * Gives a struct the notation that its name stands for. What is in a header is a number for BCC's cursors, in the byte
 * order of the machine, and so it is in structs that are made of numbers; those that are made of bytes have it as on the
 * wire.
 */
function headerNotation(type: ValueType): ValueType {
  const notation = type.kind === 'struct' ? notationOfName(type.name) : undefined;
  if (notation === undefined || !isInHostOrder(notation, type)) return namedNotation(type);
  return { ...type, notation, hostOrder: true };
}

/** The members of a packed struct, consecutively. */
function place(table: BccTable, members: readonly unknown[], depth: number): RawMember[] {
  let offset = 0;
  return members.map((descriptor) => {
    const member = memberOf(table, descriptor, depth);
    offset += member.type.size;
    return { ...member, offset: offset - member.type.size };
  });
}

/** `[name, type]`, `[name, type, [length]]`, `[name, type, bits]`, or an unnamed struct or union as it is. */
function memberOf(table: BccTable, descriptor: unknown, depth: number): Omit<RawMember, 'offset'> {
  const [name, type, third] = Array.isArray(descriptor) ? (descriptor as unknown[]) : [];
  if (typeof name !== 'string') throw damaged(table, JSON.stringify(descriptor));
  if (typeof third === 'string')
    return { name: '', type: typeOf(table, descriptor, depth + 1), bitField: false };
  const element = typeOf(table, type as Descriptor, depth + 1);
  const length = Array.isArray(third) ? Number(third[0]) : undefined;
  if (length !== undefined && !Number.isSafeInteger(length)) throw damaged(table, JSON.stringify(descriptor));
  return {
    name,
    type: length === undefined ? element : arrayType(element, length),
    bitField: typeof third === 'number',
  };
}

/** BCC fills gaps with members of its own. */
function isNoPadding({ name, type }: RawMember): boolean {
  return !(/^__pad_(\d+|end)$/.test(name) && type.kind === 'array' && type.element.kind === 'char');
}

/** Integers by the names that clang gives them, for the BPF machine. */
const INTEGERS: Readonly<Record<string, readonly [size: number, signed: boolean]>> = {
  'signed char': [1, true],
  'unsigned char': [1, false],
  short: [2, true],
  'unsigned short': [2, false],
  int: [4, true],
  'unsigned int': [4, false],
  long: [8, true],
  'unsigned long': [8, false],
  'long long': [8, true],
  'unsigned long long': [8, false],
  __int128: [16, true],
  'unsigned __int128': [16, false],
};

function scalarOf(name: string): ValueType {
  if (name === 'char') return { kind: 'char', name, spelling: name, size: 1 };
  if (name === '_Bool' || name === 'bool') return { kind: 'bool', name, spelling: name, size: 1 };
  const [size, signed] = (Object.hasOwn(INTEGERS, name) ? INTEGERS[name] : undefined) ?? [];
  if (size === undefined || signed === undefined)
    return opaqueType(name, name, UNKNOWN, 'its type is not known here');
  return { kind: 'int', name, spelling: name, size, signed };
}

function damaged(table: BccTable, descriptor: string): AlfError {
  return new AlfError('ALF_OBJECT', `BCC describes table ${quote(table.name)} as ${quote(descriptor)}`, {
    hint: 'this version of BCC is not known; version 0.26 is',
  });
}
