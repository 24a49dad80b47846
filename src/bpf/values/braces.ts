import { AlfError, quote } from '../../errors/index.js';

/** One of the values in `{…}`, with the name before its `=` if it has one. */
export interface Item {
  readonly name: string | undefined;
  readonly text: string;
}

/**
 * Takes `{a=1;b={2;3}}` or `{1;{2;3}}` apart, one level of it.
 *
 * Spaces around a value, a name or a sign are not part of them. `{}` has no items.
 *
 * @throws AlfError ALF_ENTRY if a brace or a quote is not closed, or something stands outside
 */
export function splitBraces(text: string): Item[] {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) throw new AlfError('ALF_ENTRY', `${quote(text)} does not start with {`);
  const texts: string[] = [];
  let depth = 0;
  let start = 1;
  for (let at = 0; at < trimmed.length; at++) {
    const char = trimmed[at];
    if (char === '"') at = endOfQuote(trimmed, at);
    else if (char === '{') depth++;
    else if (char === '}') depth--;
    const isEnd = char === '}' && depth === 0;
    if (isEnd || (char === ';' && depth === 1)) {
      texts.push(trimmed.slice(start, at).trim());
      start = at + 1;
    }
    if (isEnd) {
      if (start < trimmed.length) throw new AlfError('ALF_ENTRY', `${quote(text)} has text after its }`);
      return texts.length === 1 && texts[0] === '' ? [] : texts.map(toItem);
    }
  }
  throw new AlfError('ALF_ENTRY', `${quote(text)} has no } for each {`);
}

/** The index of the quote that ends the text which begins at `at`; the last one if there is none. */
function endOfQuote(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++;
    else if (text[end] === '"') return end;
  }
  return text.length - 1;
}

function toItem(text: string): Item {
  const [, name, value] = /^([A-Za-z_]\w*)\s*=\s*(.*)$/s.exec(text) ?? [];
  return value === undefined ? { name: undefined, text } : { name, text: value };
}
