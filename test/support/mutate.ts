import type { Random } from './random.js';

/** Where the header of an ELF file ends: a damage there is worth more than elsewhere. */
const HEADER = 64;

/** A copy of a file with a few bytes changed, or its end cut off. */
export function mutate(file: Uint8Array, random: Random): Uint8Array {
  const bytes = Uint8Array.from(file);
  let length = bytes.length;
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    const at = random.below(random.chance(0.3) ? HEADER : bytes.length);
    if (random.chance(0.05)) length = Math.min(length, at);
    else if (random.chance(0.3)) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    else if (random.chance(0.5)) bytes[at] = random.pick([0, 0x7f, 0x80, 0xff, random.below(256)]);
    else bytes.fill(random.pick([0, 0xff]), at, at + random.below(9));
  }
  return bytes.subarray(0, length);
}
