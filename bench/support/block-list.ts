import { type AddressSet, AddressSetBuilder } from '../../src/policy/index.js';

/** A bijection of 32-bit numbers, `spread` of bench/verdict/spread.h. */
function scramble(number: number): number {
  let x = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

const clear = (word: number, bits: number) => (bits >= 32 ? 0 : (word & (-1 << bits)) >>> 0);
const fill = (word: number, bits: number) => (bits >= 32 ? 0xffffffff : (word | ~(-1 << bits)) >>> 0);

/** The length of prefix number `i` of an IPv4 block list: 70 % single addresses, 24 % /24, the rest up to /20. */
function length4(i: number): number {
  const share = scramble(i ^ 0x5bd1e995) % 100;
  if (share < 70) return 32;
  return share < 94 ? 24 : share < 96 ? 23 : share < 98 ? 22 : share < 99 ? 21 : 20;
}

/** Prefix number `i` of an IPv4 block list, with host bits cleared. */
export function prefix4(i: number): { address: number; length: number } {
  const length = length4(i);
  return { address: clear(scramble(i), 32 - length), length };
}

/** The length of prefix number `i` of an IPv6 block list: 55 % /64, 15 % /56, 25 % /48, 5 % /32. */
function length6(i: number): number {
  const share = scramble(i ^ 0x5bd1e995) % 100;
  return share < 55 ? 64 : share < 70 ? 56 : share < 95 ? 48 : 32;
}

/** The first 32 bits of a member of prefix number `i`. */
export function firstWord(family: 4 | 6, i: number): number {
  return family === 4 ? scramble(i) : ((scramble(i) >>> 3) | 0x20000000) >>> 0;
}

/** The prefixes with numbers below `count`; member `i` of the benchmark program is in prefix `i`. */
export function blockList(family: 4 | 6, count: number): AddressSet {
  const builder = new AddressSetBuilder();
  const [first, last] = [new Uint32Array(4), new Uint32Array(4)];
  for (let i = 0; i < count; i++) {
    if (family === 4) {
      const { address, length } = prefix4(i);
      builder.add4(address, fill(address, 32 - length));
      continue;
    }
    const high = firstWord(family, i);
    const free = 64 - length6(i);
    first.set([high, clear(scramble(~i), free), 0, 0]);
    last.set([high, fill(scramble(~i), free), 0xffffffff, 0xffffffff]);
    builder.add6(first, last);
  }
  return builder.build();
}
