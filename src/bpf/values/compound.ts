import { AlfError, quote } from '../../errors/index.js';
import { type Item, splitBraces } from './braces.js';
import type { Codec, CodecContext } from './codec.js';
import { describeType, type Member, type ValueType } from './value-type.js';

/** An array or a struct. */
export type CompoundType = Extract<ValueType, { kind: 'array' | 'struct' }>;

/** How the members are read and written, for any type. */
export interface ValueTexts {
  readonly codecOf: (type: ValueType) => Codec;
  readonly parse: (type: ValueType, text: string, context: CodecContext) => Uint8Array;
  readonly format: (type: ValueType, bytes: Uint8Array, context: CodecContext) => string;
}

/**
 * Structs and arrays, in braces: `{src=192.0.2.1;port=80}`, `{192.0.2.1;80}`, `{1;2;3}`.
 *
 * By name, members that are left out are zero, as in C; by position, all have to be there. `{}` is all zeros.
 */
export function compoundCodec(type: CompoundType, values: ValueTexts): Codec {
  return type.kind === 'array' ? arrayCodec(type, values) : structCodec(type, values);
}

function arrayCodec(type: Extract<ValueType, { kind: 'array' }>, values: ValueTexts): Codec {
  const { element, length, size } = type;
  return {
    expects: `{…} with ${length} ${length === 1 ? 'value' : 'values'}, each ${values.codecOf(element).expects}`,
    parse: (text, context) => {
      const items = splitBraces(text);
      const named = items.find(({ name }) => name !== undefined);
      if (named?.name !== undefined) throw wrong(`the elements of an array have no names, as ${named.name}`);
      requireCount(type, items, length);
      return fill(
        size,
        items.map(({ text }, i) =>
          at(`[${i}]`, i * element.size, () => values.parse(element, text, context)),
        ),
      );
    },
    format: (bytes, context) => {
      const texts = Array.from({ length }, (_, i) =>
        values.format(element, bytes.subarray(i * element.size, (i + 1) * element.size), context),
      );
      return `{${texts.join(';')}}`;
    },
  };
}

function structCodec(type: Extract<ValueType, { kind: 'struct' }>, values: ValueTexts): Codec {
  const { members, size } = type;
  return {
    expects: `{${members.map(({ name }) => `${name}=…`).join(';')}}`,
    parse: (text, context) => {
      const items = splitBraces(text);
      const pairs = items.some(({ name }) => name !== undefined)
        ? byName(type, items)
        : byPosition(type, items);
      return fill(
        size,
        pairs.map(([member, value]) =>
          at(member.name, member.offset, () => values.parse(member.type, value, context)),
        ),
      );
    },
    format: (bytes, context) => {
      const texts = members.map(({ name, type, offset }) => {
        return `${name}=${values.format(type, bytes.subarray(offset, offset + type.size), context)}`;
      });
      return hasPadding(members, bytes) ? undefined : `{${texts.join(';')}}`;
    },
  };
}

function byName(
  type: Extract<ValueType, { kind: 'struct' }>,
  items: readonly Item[],
): [member: Member, text: string][] {
  const seen = new Set<string>();
  return items.map(({ name, text }) => {
    if (name === undefined) throw wrong(`${quote(text)} has no name, and other values have one`);
    const member = type.members.find((candidate) => candidate.name === name);
    if (member === undefined) throw wrong(`${type.spelling} has no member ${name}`);
    if (seen.has(name)) throw wrong(`${name} is given twice`);
    seen.add(name);
    return [member, text];
  });
}

function byPosition(
  type: Extract<ValueType, { kind: 'struct' }>,
  items: readonly Item[],
): [member: Member, text: string][] {
  requireCount(type, items, type.members.length);
  return type.members.flatMap((member, i) => {
    const item = items[i];
    return item === undefined ? [] : [[member, item.text]];
  });
}

function requireCount(type: ValueType, items: readonly Item[], count: number): void {
  if (items.length === 0 || items.length === count) return;
  const given = `${items.length} ${items.length === 1 ? 'value' : 'values'}`;
  throw wrong(
    `there ${items.length === 1 ? 'is' : 'are'} ${given} for the ${count} of ${describeType(type)}`,
  );
}

interface Placed {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The bytes of a part; what is wrong with it says where. */
function at(place: string, offset: number, parse: () => Uint8Array): Placed {
  try {
    return { offset, bytes: parse() };
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    throw new AlfError('ALF_ENTRY', `${place}: ${error.message}`, error.hint ? { hint: error.hint } : {});
  }
}

function fill(size: number, parts: readonly Placed[]): Uint8Array {
  const bytes = new Uint8Array(size);
  for (const part of parts) bytes.set(part.bytes, part.offset);
  return bytes;
}

/** Whether bytes between the members are set: no text stands for those. */
function hasPadding(members: readonly Member[], bytes: Uint8Array): boolean {
  const rest = Uint8Array.from(bytes);
  for (const { type, offset } of members) rest.fill(0, offset, offset + type.size);
  return rest.some((byte) => byte !== 0);
}

function wrong(message: string): AlfError {
  return new AlfError('ALF_ENTRY', message);
}
