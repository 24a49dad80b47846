import type { ReadSource } from './source.js';

/** The first error of a compilation. */
export interface Diagnostic {
  /** `filter.c:3:5: expected ';' after return statement` */
  readonly message: string;
  /** How many errors there were beside it. */
  readonly others: number;
}

/** `FILE:LINE:COLUMN: error: MESSAGE`. */
const DIAGNOSTIC = /^(.+?):(\d+):(\d+): (?:(?:fatal )?error|warning): (.*)$/;
const ERROR = /^.+?:\d+:\d+: (?:fatal )?error: /;
const WARNING = /^.+?:\d+:\d+: warning: /;

/** What clang puts before a line it quotes, from version 17 on. */
const GUTTER = /^ *\d+ \| /;

/** libbcc's name for the source, independent of its file name. */
const MAIN = '/virtual/main.c';

/**
 * Finds the first error among what clang said.
 *
 * @returns undefined if it reported none
 */
export function firstError(said: string, source: ReadSource): Diagnostic | undefined {
  const lines = said.split('\n');
  const errors = lines.flatMap((line, i) => (ERROR.test(line) ? [i] : []));
  const [first] = errors;
  return first === undefined
    ? undefined
    : { message: located(lines, first, source), others: errors.length - 1 };
}

/** The warnings among what clang said, a line each, as the user would look for them. */
export function warnings(said: string, source: ReadSource): string[] {
  const lines = said.split('\n');
  const found = lines.flatMap((line, i) => (WARNING.test(line) ? [located(lines, i, source)] : []));
  return [...new Set(found)];
}

/** A diagnostic with the file and line of the user. */
function located(lines: readonly string[], at: number, source: ReadSource): string {
  const [, file = '', line = '', column = '', text = ''] = DIAGNOSTIC.exec(lines[at] ?? '') ?? [];
  // The name of the flag that turns a warning off is of no use here.
  const message = text.replace(/ \[-W[^\]]*\]$/, '');
  if (file !== MAIN) return `${file}:${line}:${column}: ${message}`;
  // BCC compiles twice, and the second time what it has made of the source: numbers of lines are others then.
  const quoted = (lines[at + 1] ?? '').replace(GUTTER, '');
  const own = source.text.split('\n');
  const place = own[Number(line) - 1] === quoted ? Number(line) : own.indexOf(quoted) + 1;
  return place > 0 ? `${source.shown}:${place}:${column}: ${message}` : `${source.shown}: ${message}`;
}
