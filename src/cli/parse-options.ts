import { AlfError, quote } from '../errors/index.js';
import { findOption, type OptionSpec, type OptionTable } from './option-spec.js';

/** An option as it was given: its value, or on/off for a switch. */
export interface ParsedOption {
  readonly option: OptionSpec;
  readonly value: string | boolean;
}

/** A command line, divided. */
export interface ParsedArgs {
  /** Our options in the order they were given. */
  readonly given: readonly ParsedOption[];
  /** Index of the first word that is not ours: the filter. */
  readonly rest: number;
}

interface Taken {
  readonly given: readonly ParsedOption[];
  /** How many words behind the option itself this took: 0 or 1. */
  readonly used: number;
}

/**
 * Divides a command line at the first word that is not our option (or after `--`). What follows belongs to the
 * filter and the target and is not parsed.
 *
 * A general parser cannot do this: it would take the target's options for ours, and it loses the order of different
 * options.
 *
 * @throws AlfError ALF_USAGE for an unknown option, a missing value, or a value for a switch
 */
export function parseOptions(argv: readonly string[], table: OptionTable): ParsedArgs {
  const given: ParsedOption[] = [];
  let at = 0;
  while (at < argv.length) {
    const word = argv[at] ?? '';
    if (!isOption(word)) break;
    at++;
    if (word === '--') break;
    const taken = cutOption(table, word, argv[at]);
    given.push(...taken.given);
    at += taken.used;
  }
  return { given, rest: at };
}

/**
 * Takes options and other words of a command apart, in any order; after `--` no word is an option.
 *
 * @throws AlfError ALF_USAGE
 */
export function parseArgs(
  argv: readonly string[],
  table: OptionTable,
): { given: ParsedOption[]; words: string[] } {
  const given: ParsedOption[] = [];
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return { given, words: [...words, ...argv.slice(at + 1)] };
    if (!isOption(word)) {
      words.push(word);
      continue;
    }
    const taken = cutOption(table, word, argv[at + 1]);
    given.push(...taken.given);
    at += taken.used;
  }
  return { given, words };
}

function isOption(word: string): boolean {
  return word.startsWith('-') && word !== '-';
}

function cutOption(table: OptionTable, word: string, next: string | undefined): Taken {
  return word.startsWith('--') ? cutLong(table, word, next) : cutLetters(table, word, next);
}

function cutLong(table: OptionTable, word: string, next: string | undefined): Taken {
  const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  const option = findOption(table, name);
  if (option === undefined || name.length === 1) return cutNegation(table, word, name, value);
  if (option.value !== undefined) return withValue(option, `--${name}`, value, next);
  return asSwitch(option, name, value, true);
}

/** `--no-lock`: only what is on unless said otherwise can be negated. */
function cutNegation(table: OptionTable, word: string, name: string, value: string | undefined): Taken {
  const option = name.startsWith('no-') ? findOption(table, name.slice(3)) : undefined;
  if (option?.default !== true) throw unknown(word);
  return asSwitch(option, name, value, false);
}

/** `-v`, `-vq`. */
function cutLetters(table: OptionTable, word: string, next: string | undefined): Taken {
  const given: ParsedOption[] = [];
  for (let i = 1; i < word.length; i++) {
    const option = findOption(table, word[i] ?? '');
    if (option === undefined) throw unknown(word);
    if (option.value !== undefined) {
      const attached = word.slice(i + 1);
      const taken = withValue(option, `-${word[i]}`, attached === '' ? undefined : attached, next);
      return { given: [...given, ...taken.given], used: taken.used };
    }
    given.push({ option, value: true });
  }
  return { given, used: 0 };
}

function asSwitch(option: OptionSpec, name: string, value: string | undefined, on: boolean): Taken {
  if (value !== undefined) throw new AlfError('ALF_USAGE', `option --${name} takes no value`);
  return { given: [{ option, value: on }], used: 0 };
}

function withValue(
  option: OptionSpec,
  word: string,
  value: string | undefined,
  next: string | undefined,
): Taken {
  const text = value ?? next;
  if (text === undefined) throw new AlfError('ALF_USAGE', `option ${word} needs a value: ${option.value}`);
  return { given: [{ option, value: text }], used: value === undefined ? 1 : 0 };
}

function unknown(word: string): AlfError {
  return new AlfError('ALF_USAGE', `unknown option ${quote(word)}`, { hint: 'see: alfwrapper --help' });
}
