import type { Prefix } from '../net/index.js';

/** The last address of a prefix: 4 or 16 bytes, network order. Its first is the prefix itself. */
export function lastOfPrefix(prefix: Prefix): number[] {
  return prefix.bytes.map((byte, i) => {
    const bits = Math.min(8, Math.max(0, prefix.length - 8 * i));
    return byte | (0xff >>> bits);
  });
}
