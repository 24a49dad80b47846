import { AlfError, quote } from '../../errors/index.js';
import type { CodecContext } from './codec.js';
import { toHex } from './hex.js';
import { integerValue } from './integer.js';
import { isArrayKind, whyKindNotSettable } from './map-kind.js';
import type { MapSpec } from './map-spec.js';
import { formatValue, parseValue } from './value-text.js';
import type { ValueType } from './value-type.js';

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
}

/** An entry as text, each part as `--set` takes it for the map's own key and value. */
export interface EntryTexts {
  readonly key: string;
  readonly value: string;
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
  return !isArrayKind(map.kind) && map.value.kind === 'struct' && map.value.name === 'index';
}

/** Finds a map by name. @throws AlfError ALF_ENTRY, naming those there are */
export function findMap(object: { readonly maps: readonly MapSpec[] }, name: string): MapSpec {
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
 * @throws AlfError ALF_ENTRY, naming the entry and what was expected
 */
export function encodeEntry(map: MapSpec, text: EntryText, context: CodecContext): Entry {
  requireSettable(map);
  if (hasSlots(map)) {
    const slot = encodePart(text, text.key, map.value, 'slot', context);
    const member = encodePart(text, text.value, map.key, 'value', context);
    return { map: map.name, key: member, value: slot, identity: toHex(slot) };
  }
  const key = encodePart(text, text.key, map.key, 'key', context);
  const value = encodePart(text, text.value, map.value, 'value', context);
  if (isArrayKind(map.kind)) checkIndex(map, text, key, context);
  return { map: map.name, key, value, identity: toHex(key) };
}

/** Writes an entry in the notation in which it can be set. */
export function formatEntry(
  map: MapSpec,
  { key, value }: Pick<Entry, 'key' | 'value'>,
  context: CodecContext,
): EntryTexts {
  return { key: formatValue(map.key, key, context), value: formatValue(map.value, value, context) };
}

/** Why entries of a map cannot be set, to follow "cannot be set:"; undefined if they can. */
export function whyNotSettable({ kind, key, value }: MapSpec): string | undefined {
  const reason = whyKindNotSettable(kind);
  if (reason !== undefined) return reason;
  if (key.size === 0) return 'its key has no type and no size';
  return value.size === 0 ? 'its value has no type and no size' : undefined;
}

function requireSettable(map: MapSpec): void {
  const reason = whyNotSettable(map);
  if (reason === undefined) return;
  throw new AlfError('ALF_ENTRY', `entries of map ${quote(map.name)} cannot be set: ${reason}`);
}

function encodePart(
  entry: EntryText,
  word: string,
  type: ValueType,
  part: string,
  context: CodecContext,
): Uint8Array {
  try {
    return parseValue(type, word, context);
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    const shown = quote(`${entry.map},${entry.key},${entry.value}`);
    throw new AlfError('ALF_ENTRY', `the ${part} of ${shown} is wrong: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
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
  if (integerValue(key, context.littleEndian) < map.maxEntries) return;
  const shown = quote(`${entry.map},${entry.key},${entry.value}`);
  throw new AlfError('ALF_ENTRY', `the key of ${shown} is outside the array`, {
    hint: `expected a number from 0 to ${map.maxEntries - 1}`,
  });
}
