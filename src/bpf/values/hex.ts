const DIGITS = '0123456789abcdef';

/** Bytes as lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  const pairs: string[] = [];
  for (const byte of bytes) pairs.push(DIGITS.charAt(byte >> 4) + DIGITS.charAt(byte & 15));
  return pairs.join('');
}
