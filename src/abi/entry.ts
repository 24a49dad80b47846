import { AlfError, quote } from '../errors/index.js';
import { accepts, type Codec, type CodecContext, codecFor, isTypeName } from './codec.js';
import type { MapSpec, ObjectSpec } from './object-spec.js';

/** The kernel takes nothing else as the key of an array. */
const INDEX_SIZE = 4;

/** `MAP,KEY,VALUE` taken apart, not yet understood. */
export interface EntryText {
  readonly map: string;
  readonly key: string;
  readonly value: string;
}

/** An entry of a map, in the map's own bytes. */
export interface Entry {
  readonly map: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /**
   * What a later entry must share to replace this one: the ordinal of a slot where the map has slots, else the key.
   */
  readonly identity: string;
  /** The key as it was written, without a type in front. */
  readonly keyText: string;
}

/**
 * Takes `MAP,KEY,VALUE` apart.
 *
 * @throws AlfError ALF_ENTRY if a part is missing, empty or too many
 */
export function parseEntry(text: string): EntryText {
  const [map = '', key = '', value = '', ...rest] = text.split(',');
  if (map === '' || key === '' || value === '' || rest.length > 0) {
    throw new AlfError('ALF_ENTRY', `${quote(text)} is not a map entry`, {
      hint: 'expected MAP,KEY,VALUE with exactly two commas, as in allow4,0,192.0.2.0/24',
    });
  }
  return { map, key, value };
}

/**
 * Whether a map is a set of its keys with a slot ordinal as value (`struct index`): entries are then written
 * `MAP,SLOT,MEMBER`, and the member becomes the key.
 */
export function hasSlots(map: MapSpec): boolean {
  return map.kind !== 'array' && map.value.kind === 'struct' && map.value.name === 'index';
}

/** Finds a map by name. @throws AlfError ALF_ENTRY, naming those there are */
export function findMap(object: ObjectSpec, name: string): MapSpec {
  const map = object.maps.find((candidate) => candidate.name === name);
  if (map === undefined) {
    const names = object.maps.map((candidate) => candidate.name).join(', ');
    throw new AlfError('ALF_ENTRY', `the filter has no map ${quote(name)}`, {
      hint: names === '' ? 'this filter has no maps' : `its maps are: ${names}`,
    });
  }
  return map;
}

/**
 * Encodes an entry for a map, by the types the map declares.
 *
 * Keys and values may carry their type in front (`uint32_t:0`, `subnet4:127.0.0.1/24`); it is checked, then dropped.
 *
 * @throws AlfError ALF_ENTRY, naming the entry and what was expected
 */
export function encodeEntry(map: MapSpec, text: EntryText, context: CodecContext): Entry {
  const keyCodec = codecOf(map, map.key, 'key');
  const valueCodec = codecOf(map, map.value, 'value');
  if (hasSlots(map)) {
    const slot = encodeWord(text, text.key, valueCodec, 'slot', context);
    const member = encodeWord(text, text.value, keyCodec, 'value', context);
    return { map: map.name, key: member, value: slot, identity: toHex(slot), keyText: untyped(text.value) };
  }
  const key = encodeWord(text, text.key, keyCodec, 'key', context);
  const value = encodeWord(text, text.value, valueCodec, 'value', context);
  if (map.kind === 'array') checkIndex(map, text, key, context);
  return { map: map.name, key, value, identity: toHex(key), keyText: untyped(text.key) };
}

/** Bytes as lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function codecOf(map: MapSpec, type: MapSpec['key'], part: string): Codec {
  const codec = map.kind === 'other' ? undefined : codecFor(type);
  if (codec === undefined) {
    const name = type.name === '' ? type.kind : `${type.kind} ${type.name}`;
    throw new AlfError(
      'ALF_ENTRY',
      `entries of map ${quote(map.name)} cannot be set: its ${part} is ${name}`,
    );
  }
  return codec;
}

/** A word without the name of a type in front of it. */
function untyped(word: string): string {
  const colon = word.indexOf(':');
  return colon >= 0 && isTypeName(word.slice(0, colon)) ? word.slice(colon + 1) : word;
}

function encodeWord(
  entry: EntryText,
  word: string,
  codec: Codec,
  part: string,
  context: CodecContext,
): Uint8Array {
  const shown = quote(`${entry.map},${entry.key},${entry.value}`);
  const bare = untyped(word);
  const typeName = word.slice(0, Math.max(word.length - bare.length - 1, 0));
  if (typeName !== '' && !accepts(codec, typeName)) {
    throw new AlfError('ALF_ENTRY', `the ${part} of ${shown} is of type ${codec.typeName}, not ${typeName}`);
  }
  try {
    return codec.encode(bare, context);
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    throw new AlfError('ALF_ENTRY', `the ${part} of ${shown} is wrong: ${error.message}`, {
      hint: error.hint ?? `expected ${codec.expects}`,
    });
  }
}

function checkIndex(map: MapSpec, entry: EntryText, key: Uint8Array, context: CodecContext): void {
  if (key.length !== INDEX_SIZE) {
    const reason = `the key of an array has ${INDEX_SIZE} bytes, not ${key.length}`;
    throw new AlfError('ALF_ENTRY', `entries of map ${quote(map.name)} cannot be set: ${reason}`, {
      hint: 'declare it with __type(key, __u32)',
    });
  }
  const index = new DataView(key.buffer, key.byteOffset).getUint32(0, context.littleEndian);
  if (index < map.maxEntries) return;
  const shown = quote(`${entry.map},${entry.key},${entry.value}`);
  throw new AlfError('ALF_ENTRY', `the key of ${shown} is outside the array`, {
    hint: `expected a number from 0 to ${map.maxEntries - 1}`,
  });
}
