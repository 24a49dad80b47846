import { refuse } from '../refuse.js';
import type { SourceLocation } from '../types.js';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

interface Signature {
  readonly bytes: readonly number[];
  readonly reason: string;
  readonly hint: string;
}

const utf = (name: string, bytes: readonly number[]): Signature => ({
  bytes,
  reason: `the text is ${name.toUpperCase()}: expected ASCII or UTF-8`,
  hint: `convert it: iconv -f ${name} -t utf-8 FILE`,
});
const packed = (name: string, command: string, bytes: readonly number[]): Signature => ({
  bytes,
  reason: `the file is compressed with ${name}: expected text`,
  hint: `unpack it: ${command} FILE`,
});

// The mark of UTF-32 begins with that of UTF-16.
const SIGNATURES: readonly Signature[] = [
  utf('utf-32', [0xff, 0xfe, 0, 0]),
  utf('utf-32', [0, 0, 0xfe, 0xff]),
  utf('utf-16', [0xff, 0xfe]),
  utf('utf-16', [0xfe, 0xff]),
  packed('gzip', 'gunzip -c', [0x1f, 0x8b]),
  packed('zip', 'unzip -p', [0x50, 0x4b, 3, 4]),
  packed('xz', 'xz -dc', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
  packed('zstd', 'zstd -dc', [0x28, 0xb5, 0x2f, 0xfd]),
  packed('bzip2', 'bunzip2 -c', [0x42, 0x5a, 0x68]),
];

/**
 * Refuses bytes that are not the text of a list: another encoding, compression, zero bytes, and lines that end with
 * carriage returns alone, which would turn a whole list into one comment.
 *
 * @throws AlfError ALF_RULE
 */
export function refuseDamage(bytes: Uint8Array, file: string): void {
  const found = SIGNATURES.find((signature) => signature.bytes.every((byte, i) => bytes[i] === byte));
  if (found !== undefined) refuse({ file, line: 1, column: 1 }, found.reason, found.hint);
  const zero = bytes.indexOf(0);
  if (zero >= 0) {
    const hint =
      'the file is damaged, as after a power failure, or it is UTF-16: iconv -f utf-16 -t utf-8 FILE';
    refuse(locationOf(bytes, zero, file), 'a zero byte: expected text', hint);
  }
  for (let at = bytes.indexOf(CARRIAGE_RETURN); at >= 0; at = bytes.indexOf(CARRIAGE_RETURN, at + 1)) {
    const next = bytes[at + 1];
    if (next === NEWLINE || next === CARRIAGE_RETURN) continue;
    const hint = String.raw`lines end with carriage returns: tr '\r' '\n' <FILE`;
    refuse(locationOf(bytes, at, file), 'a carriage return within a line: expected a newline after it', hint);
  }
}

/** The location of an offset; columns count bytes. */
function locationOf(bytes: Uint8Array, at: number, file: string): SourceLocation {
  const before = bytes.subarray(0, at);
  const line = 1 + before.reduce((count, byte) => count + (byte === NEWLINE ? 1 : 0), 0);
  return { file, line, column: at - before.lastIndexOf(NEWLINE) };
}
