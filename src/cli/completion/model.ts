import type { Command } from '../commands/command.js';
import type { OptionSpec, OptionTable } from '../option-spec.js';
import { LAUNCH_OPTIONS, RULE_OPTIONS } from '../options.js';
import { type Offer, offerFor } from './offers.js';

/** An option as it is typed. */
export interface CompletionOption {
  /** `--listen`, and `-l` behind it if there is a letter. */
  readonly flags: readonly string[];
  readonly describe: string;
  /** What its value is called, and what can be offered for it; undefined for a switch. */
  readonly value: { readonly name: string; readonly offer: Offer } | undefined;
  readonly repeatable: boolean;
}

/** Launch mode, or a command. */
export interface CompletionTable {
  readonly name: string;
  readonly describe: string;
  readonly options: readonly CompletionOption[];
  readonly words: Offer;
  /** The first word is a filter or a program, and all behind it is the program's. */
  readonly wraps: boolean;
}

/** The name of launch mode among the tables. */
export const LAUNCH = 'launch';

/** Every option of the rules, as it is typed: with one of them there is no filter. */
export const RULE_FLAGS: readonly string[] = RULE_OPTIONS.map(({ name }) => `--${name}`);

/** What there is to complete: launch mode first, then the commands. */
export function completionTables(commands: readonly Command[]): CompletionTable[] {
  const launch = { name: LAUNCH, describe: '', options: optionsOf(LAUNCH_OPTIONS), wraps: true };
  return [
    { ...launch, words: { kind: 'nothing' } },
    ...commands.map(({ name, describe, options, words, endsAtFirstWord }) => ({
      name,
      describe,
      options: optionsOf(options),
      words: words ?? ({ kind: 'nothing' } as const),
      wraps: endsAtFirstWord === true,
    })),
  ];
}

function optionsOf(table: OptionTable): CompletionOption[] {
  return table.map((option) => ({
    flags: flagsOf(option),
    describe: option.describe,
    value: option.value === undefined ? undefined : { name: option.value, offer: offerFor(option) },
    repeatable: option.repeatable === true,
  }));
}

/** A switch that is on anyway is of use only in its negation. */
function flagsOf({ name, alias, default: fallback }: OptionSpec): string[] {
  if (fallback === true) return [`--no-${name}`];
  return alias === undefined ? [`--${name}`] : [`--${name}`, `-${alias}`];
}
