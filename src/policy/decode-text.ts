import { refuse } from './refuse.js';

const NEWLINE = 0x0a;

/**
 * Decodes the text of a file of rules. A UTF-8 byte order mark stays; the tokenizer skips it.
 *
 * @param file its name in messages
 * @throws AlfError ALF_RULE with the line that is not UTF-8, and how to convert the file
 */
export function decodePolicyText(bytes: Uint8Array, file: string): string {
  const text = decode(bytes);
  if (text !== undefined) return text;
  let line = 1;
  let start = 0;
  // Bytes of longer characters are never newlines, so the line at fault can be found alone.
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    if (decode(bytes.subarray(start, end)) === undefined) break;
    line += 1;
    start = end + 1;
  }
  const from = isUtf16(bytes) ? 'UTF-16' : 'ISO-8859-1';
  refuse({ file, line, column: 1 }, 'the line is not UTF-8', `convert the file: iconv -f ${from} -t UTF-8`);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}
