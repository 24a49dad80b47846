import { AlfError, quote } from '../../errors/index.js';
import type { Codec, CodecContext } from './codec.js';
import { compoundCodec, type ValueTexts } from './compound.js';
import { enumCodec } from './enumeration.js';
import { toHex } from './hex.js';
import { integerCodec } from './integer.js';
import { isNotation } from './notation.js';
import { notationCodec } from './notation-codec.js';
import { textCodec } from './text.js';
import { accepts, typeInFront, typeName } from './type-names.js';
import { describeType, type ValueType } from './value-type.js';

/** The codec for a type: by its notation if it has one, else by its shape. */
export function codecOf(type: ValueType): Codec {
  const noted = type.notation && notationCodec(type.notation, type);
  if (noted !== undefined) return noted;
  switch (type.kind) {
    case 'int':
      return integerCodec(type.size, type.signed, 'host');
    case 'bool':
      return BOOL;
    case 'char':
      return textCodec(type.size);
    case 'enum':
      return enumCodec(type.enumerators, type.size);
    case 'array':
      return type.element.kind === 'char' && type.element.notation === undefined
        ? textCodec(type.size)
        : compoundCodec(type, VALUES);
    case 'struct':
      return compoundCodec(type, VALUES);
    case 'opaque':
      return opaqueCodec(type, type.reason);
  }
}

/**
 * Encodes a value as the type wants it.
 *
 * The value may be preceded by `hex:` and the bytes themselves, a notation (`ipv4:`), which is used in place of the
 * type's own, or the name of a type (`uint32_t:`, `subnet4:`), which is compared with the type and dropped.
 *
 * @returns as many bytes as the type has
 * @throws AlfError ALF_ADDRESS or ALF_ENTRY; its hint says what was expected
 */
export function parseValue(type: ValueType, text: string, context: CodecContext): Uint8Array {
  const codec = codecOf(type);
  const colon = text.indexOf(':');
  const [word, rest] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)];
  if (word === 'hex') return parseHex(type, rest);
  if (isNotation(word)) {
    const noted = notationCodec(word, type);
    if (noted === undefined) throw unfit(`${word} is not a notation for ${describeType(type)}`, codec);
    return parseWith(noted, rest, context);
  }
  const named = typeInFront(text);
  if (named === undefined) return parseWith(codec, text, context);
  if (!accepts(type, named)) throw unfit(`its type is ${typeName(type)}, not ${named}`, codec);
  return parseWith(codec, rest, context);
}

/**
 * Writes a value so that {@link parseValue} reads the same bytes again: `hex:` where its type has no text for it.
 *
 * @param bytes as many as the type has
 */
export function formatValue(type: ValueType, bytes: Uint8Array, context: CodecContext): string {
  return codecOf(type).format(bytes, context) ?? `hex:${toHex(bytes)}`;
}

function parseWith(codec: Codec, text: string, context: CodecContext): Uint8Array {
  try {
    return codec.parse(text, context);
  } catch (error) {
    if (!(error instanceof AlfError) || error.hint !== undefined) throw error;
    throw unfit(error.message, codec);
  }
}

function parseHex(type: ValueType, digits: string): Uint8Array {
  const wanted = `hex: and ${type.size * 2} hexadecimal digits`;
  if (!/^[0-9a-fA-F]*$/.test(digits)) {
    throw new AlfError('ALF_ENTRY', `${quote(digits)} is not hexadecimal`, { hint: `expected ${wanted}` });
  }
  if (digits.length !== type.size * 2) {
    throw new AlfError('ALF_ENTRY', `${digits.length} digits are not ${describeType(type)}`, {
      hint: `expected ${wanted}`,
    });
  }
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** What is inside an array or a struct is written as it is outside. */
const VALUES: ValueTexts = { codecOf, parse: parseValue, format: formatValue };

const BOOL_WORDS: Readonly<Record<string, number>> = { true: 1, false: 0, 1: 1, 0: 0 };

const BOOL: Codec = {
  expects: 'true or false',
  parse: (text) => {
    const value = Object.hasOwn(BOOL_WORDS, text) ? BOOL_WORDS[text] : undefined;
    if (value === undefined) throw new AlfError('ALF_ENTRY', `${quote(text)} is neither true nor false`);
    return Uint8Array.of(value);
  },
  format: (bytes) => ['false', 'true'][bytes[0] ?? 0],
};

function opaqueCodec({ spelling, size }: ValueType, reason: string): Codec {
  return {
    expects: `hex: and ${size * 2} hexadecimal digits`,
    parse: (text) => {
      throw new AlfError('ALF_ENTRY', `${quote(text)} cannot be read as ${spelling}: ${reason}`);
    },
    format: () => undefined,
  };
}

function unfit(message: string, codec: Codec): AlfError {
  return new AlfError('ALF_ENTRY', message, { hint: `expected ${codec.expects}` });
}
