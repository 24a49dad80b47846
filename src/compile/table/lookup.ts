import type { AddressFamily } from '../../net/index.js';
import type { Packet } from '../../policy/index.js';
import { half64, type Image } from './image.js';
import { Field, Header, Index, ROW_WORDS, Root, rootAt, Slot, Tag, WideSlot } from './layout.js';
import { cellOf, type Decision, decisionOf, finalReference, tagOf } from './reference.js';

/**
 * What `ebpf/policy.c` does with an image, step by step: for tests, and to explain a verdict without a kernel.
 *
 * @param ifindex the number of the interface that the packet names
 */
export function lookup(image: Image, packet: Packet, ifindex: number): Decision {
  const found: number[] = [];
  for (const [field, key] of keysOf(packet, ifindex)) {
    const ref = search(image, field, key);
    if (tagOf(ref) === Tag.final) return decisionOf(ref);
    found.push(2 * cellOf(ref));
  }
  return decisionOf(firstCommon(image.words, found));
}

/** The key of each field, in the order in which fields are searched. */
function keysOf(packet: Packet, ifindex: number): [Field, number[]][] {
  return [
    addressKey(Field.source4, packet.family, packet.source),
    addressKey(Field.destination4, packet.family, packet.destination),
    [Field.interface, [ifindex]],
    [Field.protocol, [packet.protocol]],
    [Field.sourcePort, [packet.sourcePort]],
    [Field.destinationPort, [packet.destinationPort]],
  ];
}

/** The field of an address's family follows that of IPv4; an IPv4-mapped address is an IPv4 address. */
function addressKey(field4: Field, family: AddressFamily, bytes: readonly number[]): [Field, number[]] {
  const view = new DataView(Uint8Array.from(bytes).buffer);
  if (family === 4) return [field4, [view.getUint32(0)]];
  const words = [0, 4, 8, 12].map((at) => view.getUint32(at));
  const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  return mapped ? [field4, words.slice(3)] : [(field4 + 1) as Field, words];
}

function search(image: Image, field: Field, key: readonly number[]): number {
  const { words } = image;
  const root = rootAt(field);
  const first = key[0] ?? 0;
  let ref = words[root + Root.ref] ?? 0;
  const offset = first - (words[root + Root.index + Index.base] ?? 0);
  if (
    words[root + Root.presence] !== 0 &&
    offset >= 0 &&
    offset <= (words[root + Root.index + Index.span] ?? 0)
  ) {
    const block = offset >>> (words[root + Root.presenceShift] ?? 0);
    const word = words[2 * (words[root + Root.presence] ?? 0) + (block >>> 5)] ?? 0;
    if (((word >>> (block & 31)) & 1) === 0) return words[root + Root.absent] ?? 0;
  }
  if (tagOf(ref) === Tag.index) ref = followIndex(words, root + Root.index, first);
  else if (tagOf(ref) === Tag.wideIndex) ref = followWideIndex(words, root + Root.index, first, key[1] ?? 0);
  ref = followList(words, ref, first, Tag.list);
  for (const word of key.slice(1)) {
    if (tagOf(ref) === Tag.nextIndex)
      ref = followList(words, followIndex(words, 2 * cellOf(ref), word), word, Tag.list);
    else ref = followList(words, ref, word, Tag.nextList);
  }
  return ref;
}

function followIndex(words: Uint32Array, at: number, key: number): number {
  const slot = slotOf(words, at, key, Slot.size);
  if (slot === undefined) return besideIndex(words, at, key);
  const above = words.subarray(slot + Slot.edges, slot + Slot.size).filter((edge) => edge > key);
  return words[slot + (above.length % 2 === 0 ? Slot.even : Slot.odd)] ?? 0;
}

function followWideIndex(words: Uint32Array, at: number, key: number, next: number): number {
  const slot = slotOf(words, at, key, WideSlot.size);
  if (slot === undefined) return besideIndex(words, at, key);
  const begin = (key - (words[at + Index.base] ?? 0)) % 2 ** (words[at + Index.shift] ?? 0);
  const offset = (BigInt(begin) << 32n) | BigInt(next);
  let turn: number = WideSlot.even;
  for (let edge = slot + WideSlot.edges; edge < slot + WideSlot.size; edge += 2) {
    if (read64(words, edge) > offset) turn ^= WideSlot.even ^ WideSlot.odd;
  }
  return words[slot + turn] ?? 0;
}

/** Where the slot of a key begins, undefined for a key that has none. */
function slotOf(words: Uint32Array, at: number, key: number, size: number): number | undefined {
  const offset = key - (words[at + Index.base] ?? 0);
  if (offset < 0 || offset > (words[at + Index.span] ?? 0)) return undefined;
  return 2 * (words[at + Index.slots] ?? 0) + size * (offset >>> (words[at + Index.shift] ?? 0));
}

function besideIndex(words: Uint32Array, at: number, key: number): number {
  return words[at + (key < (words[at + Index.base] ?? 0) ? Index.below : Index.above)] ?? 0;
}

function read64(words: Uint32Array, at: number): bigint {
  return (BigInt(words[at + half64(1)] ?? 0) << 32n) | BigInt(words[at + half64(0)] ?? 0);
}

function followList(words: Uint32Array, ref: number, key: number, tag: number): number {
  if (tagOf(ref) !== tag) return ref;
  let at = 2 * cellOf(ref);
  let count = words[at] ?? 0;
  while (count > 1) {
    const half = count >>> 1;
    if ((words[at + 2 * half] ?? 0) <= key) at += 2 * half;
    count -= half;
  }
  return words[at + 1] ?? 0;
}

/** The first rule of which every row has the bit. */
function firstCommon(words: Uint32Array, rows: readonly number[]): number {
  const bits = (at: number, i: number) =>
    rows.reduce((all, row) => all & (words[row + at + half64(i)] ?? 0), -1);
  for (let i = 0; i < 2 * ROW_WORDS; i++) {
    if (((bits(0, i >> 6) >>> ((i >> 1) & 31)) & 1) === 0) continue;
    const common = bits(2, i);
    if (common === 0) continue;
    const rule = 32 * i + 31 - Math.clz32(common & -common);
    const allow = ((words[Header.allow + half64(i)] ?? 0) >>> (rule & 31)) & 1;
    return finalReference(allow === 1 ? 'allow' : 'deny', rule);
  }
  return words[Header.otherwise] ?? 0;
}
