import { AlfError, quote } from '../errors/index.js';
import { formatWord, parseWords, quoteWord, type Word } from './words.js';

/** A command of `ExecStart=`. */
export interface ExecCommand {
  /** Of `@ - : + ! |`, in their order. */
  readonly prefixes: string;
  /** Its path, without quotes and escapes. */
  readonly program: string;
  /** Its argv[0] after the prefix `@`; undefined without one. */
  readonly argv0: string | undefined;
  /** The path and what follows it, as they are written; without prefixes and argv[0]. */
  readonly verbatim: string;
}

const PREFIXES = '@-:+!|';

/** Separates commands of a oneshot service. */
const SEPARATOR = ';';

/**
 * Parses a value of `ExecStart=`: one command, or several with `;` between them.
 *
 * @throws AlfError ALF_UNIT for a quote without its end, or a command without a program
 */
export function parseExecLine(value: string): ExecCommand[] {
  const commands: Word[][] = [[]];
  for (const word of parseWords(value)) {
    if (word.source === SEPARATOR) commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return commands.filter((words) => words.length > 0).map((words) => parseCommand(value, words));
}

/**
 * Formats a command with words before it: the program that it is to be started by.
 *
 * @param before the path of that program, and its arguments
 */
export function formatExecCommand(command: ExecCommand, before: readonly string[]): string {
  // argv[0] is an argument of the first program; that is now another one.
  const prefixes = command.prefixes.replace('@', '');
  const expands = !prefixes.includes(':');
  return `${prefixes}${[...before.map((word) => formatWord(word, expands)), command.verbatim].join(' ')}`;
}

function parseCommand(text: string, words: readonly Word[]): ExecCommand {
  const [first, second] = words as readonly [Word, ...Word[]];
  let length = 0;
  while (PREFIXES.includes(first.value[length] ?? ' ')) length++;
  const prefixes = first.value.slice(0, length);
  const program = first.value.slice(length);
  if (program === '') throw new AlfError('ALF_UNIT', `command ${quote(text)} has no program`);
  const hasName = prefixes.includes('@');
  if (hasName && second === undefined)
    throw new AlfError('ALF_UNIT', `command ${quote(text)} has no argv[0] after the prefix @`);
  const rest = words.slice(hasName ? 2 : 1);
  const last = words.at(-1) as Word;
  const written =
    rest[0] === undefined ? '' : ` ${text.slice(rest[0].start, last.start + last.source.length)}`;
  return {
    prefixes,
    program,
    argv0: hasName ? second?.value : undefined,
    verbatim: `${asArgument(first, prefixes)}${written}`,
  };
}

/** A program is not subject to the expansion of variables; an argument is, unless the prefix `:` is there. */
function asArgument({ source, value }: Word, prefixes: string): string {
  const kept = source.startsWith(prefixes)
    ? source.slice(prefixes.length)
    : quoteWord(value.slice(prefixes.length));
  return prefixes.includes(':') ? kept : kept.replaceAll('$', '$$$$');
}
