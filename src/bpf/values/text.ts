import { AlfError, quote } from '../../errors/index.js';
import type { Codec } from './codec.js';

/** Text that is itself without quotes wherever a value may stand. */
const BARE = /^[\w./@+-]+$/;

/** What bare text cannot hold: the marks of the notation, and bytes that are not Unicode text. */
const MARKS = /["\\;{}\ufffd]|\p{Surrogate}/u;

/**
 * Text in `size` bytes, filled up with zeros.
 *
 * Written bare, or in quotes with `\\`, `\"` and `\xNN`. Text that fills all bytes has no zero behind it.
 */
export function textCodec(size: number): Codec {
  return {
    expects: size === 1 ? 'a character' : `text of up to ${size} bytes`,
    parse: (text) => {
      const bytes = text.startsWith('"') ? unquote(text) : bareBytes(text);
      if (bytes.length > size) {
        throw new AlfError('ALF_ENTRY', `${quote(text)} has ${bytes.length} bytes`);
      }
      if (bytes.length === 0 && size === 1)
        throw new AlfError('ALF_ENTRY', `${quote(text)} is not a character`);
      return Uint8Array.from({ length: size }, (_, i) => bytes[i] ?? 0);
    },
    format: (bytes) => {
      const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
      const text = String.fromCharCode(...bytes.subarray(0, Math.max(end, size === 1 ? 1 : 0)));
      return BARE.test(text) ? text : `"${escapeMarks(text)}"`;
    },
  };
}

function bareBytes(text: string): Uint8Array {
  if (!MARKS.test(text)) return new TextEncoder().encode(text);
  throw new AlfError('ALF_ENTRY', `${quote(text)} has to be written in quotes`, {
    hint: 'expected "…", in it \\" for a quote, \\\\ for a backslash, \\xNN for any byte',
  });
}

function unquote(text: string): Uint8Array {
  const inner = /^"((?:[^"\\]|\\["\\]|\\x[0-9a-fA-F]{2})*)"$/s.exec(text)?.[1];
  if (inner === undefined || /\ufffd|\p{Surrogate}/u.test(inner)) {
    throw new AlfError('ALF_ENTRY', `${quote(text)} is not quoted text`, {
      hint: 'expected "…", in it \\" for a quote, \\\\ for a backslash, \\xNN for any byte',
    });
  }
  const pieces = inner.match(/\\x..|\\.|[^\\]+/gsu) ?? [];
  return Uint8Array.from(pieces.flatMap(pieceBytes));
}

function pieceBytes(piece: string): number[] {
  if (piece.startsWith('\\x')) return [Number.parseInt(piece.slice(2), 16)];
  return [...new TextEncoder().encode(piece.startsWith('\\') ? piece.slice(1) : piece)];
}

/** Commas and `#` as well: they mean something around an entry. */
function escapeMarks(latin1: string): string {
  return latin1.replace(/["\\]|[^ -~]|[,#]/g, (char) =>
    char === '"' || char === '\\' ? `\\${char}` : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
