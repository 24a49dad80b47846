import type { AddressFamily } from '../net/index.js';
import { complementRows, mergeRows, type Rows } from './rows.js';
import type { AddressSet } from './types.js';

const MAX_32 = 0xffff_ffff;
const MAX_64 = 0xffff_ffff_ffff_ffffn;

/** The empty set. */
export const emptySet: AddressSet = { v4: new Uint32Array(0), v6: new BigUint64Array(0) };

/** The union of the sets; empty without sets. */
export function unionSets(sets: readonly AddressSet[]): AddressSet {
  const [only] = sets;
  if (only !== undefined && sets.length === 1) return only;
  return setFromRows(joinRows(sets.map((set) => set.v4)), joinRows(sets.map((set) => splitWords(set.v6))));
}

/** The addresses of both families that are not in the set. */
export function complementSet(set: AddressSet): AddressSet {
  return { v4: complementRows(set.v4, 1), v6: joinWords(complementRows(splitWords(set.v6), 4)) };
}

/** The intersection of two sets. */
export function intersectSets(a: AddressSet, b: AddressSet): AddressSet {
  return complementSet(unionSets([complementSet(a), complementSet(b)]));
}

/** Whether the set is empty. */
export function isEmptySet(set: AddressSet): boolean {
  return set.v4.length === 0 && set.v6.length === 0;
}

/** Whether the set has every address of both families. */
export function isFullSet(set: AddressSet): boolean {
  const { v4, v6 } = set;
  const full4 = v4.length === 2 && v4[0] === 0 && v4[1] === MAX_32;
  return full4 && v6.length === 4 && v6[0] === 0n && v6[1] === 0n && v6[2] === MAX_64 && v6[3] === MAX_64;
}

/** The number of ranges of both families. */
export function countRanges(set: AddressSet): number {
  return set.v4.length / 2 + set.v6.length / 4;
}

/**
 * Whether an address is in the set.
 *
 * IPv4-mapped IPv6 addresses are looked up as IPv6; unmap them first.
 *
 * @param bytes 4 or 16 bytes, network byte order
 */
export function setContains(set: AddressSet, family: AddressFamily, bytes: readonly number[]): boolean {
  let low = 0;
  let high = family === 4 ? set.v4.length / 2 : set.v6.length / 4;
  if (high === 0) return false;
  const value = family === 4 ? number4(bytes) : number6(bytes);
  while (low < high) {
    const middle = (low + high) >>> 1;
    const [first, last] = family === 4 ? range4(set.v4, middle) : range6(set.v6, middle);
    if (value < first) high = middle;
    else if (value > last) low = middle + 1;
    else return true;
  }
  return false;
}

/** Builds a set from ranges in any order, overlapping or not. */
export function setFromRows(v4: Rows, v6: Rows): AddressSet {
  return { v4: mergeRows(v4, 1), v6: joinWords(mergeRows(v6, 4)) };
}

/** Splits 64-bit numbers into pairs of 32-bit words, the more significant first. */
export function splitWords(numbers: BigUint64Array): Uint32Array {
  const halves = new Uint32Array(numbers.buffer, numbers.byteOffset, 2 * numbers.length);
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < words.length; i++) words[i] = halves[i ^ SWAP] as number;
  return words;
}

/** Joins pairs of 32-bit words, the more significant first, into 64-bit numbers. */
export function joinWords(words: Uint32Array): BigUint64Array {
  const numbers = new BigUint64Array(words.length / 2);
  const halves = new Uint32Array(numbers.buffer);
  for (let i = 0; i < words.length; i++) halves[i ^ SWAP] = words[i] as number;
  return numbers;
}

// On little-endian machines the low half of a 64-bit number comes first, so the halves are swapped.
const SWAP = new Uint32Array(new BigUint64Array([1n]).buffer)[0] === 1 ? 1 : 0;

function joinRows(parts: readonly Rows[]): Rows {
  const rows = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    rows.set(part, end);
    end += part.length;
  }
  return rows;
}

function number4(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => 256 * sum + byte, 0);
}

function number6(bytes: readonly number[]): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function range4(v4: Uint32Array, index: number): [number, number] {
  return [v4[2 * index] as number, v4[2 * index + 1] as number];
}

function range6(v6: BigUint64Array, index: number): [bigint, bigint] {
  const [firstHigh = 0n, firstLow = 0n, lastHigh = 0n, lastLow = 0n] = v6.subarray(4 * index, 4 * index + 4);
  return [(firstHigh << 64n) | firstLow, (lastHigh << 64n) | lastLow];
}
