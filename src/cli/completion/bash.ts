import { SHIPPED_FILTERS } from '../options.js';
import { type CompletionTable, LAUNCH, RULE_FLAGS } from './model.js';
import type { Offer } from './offers.js';

/** The tables that `scripts/completion.bash` walks through, as declarations of bash. */
export function bashTables(tables: readonly CompletionTable[]): string {
  const takes = tables.flatMap(({ name, options }) =>
    options.flatMap(({ flags, value }) =>
      value === undefined ? [] : flags.map((flag) => [`${name} ${flag}`, offerText(value.offer)] as const),
    ),
  );
  const flags = tables.map(
    ({ name, options }) => [name, options.flatMap((option) => option.flags).join(' ')] as const,
  );
  const commands = tables.filter(({ name }) => name !== LAUNCH);
  const wrapping = tables.filter(({ wraps }) => wraps).map(({ name }) => name);
  return [
    map('_alfwrapper_flags', flags),
    map('_alfwrapper_takes', takes),
    map(
      '_alfwrapper_words',
      tables.map(({ name, words }) => [name, offerText(words)]),
    ),
    list(
      '_alfwrapper_commands',
      commands.map(({ name }) => name),
    ),
    list('_alfwrapper_wrapping', wrapping),
    list('_alfwrapper_filters', SHIPPED_FILTERS),
    list('_alfwrapper_rules', RULE_FLAGS),
  ].join('');
}

function offerText(offer: Offer): string {
  return 'words' in offer ? `${offer.kind} ${offer.words.join(' ')}` : offer.kind;
}

function map(name: string, entries: readonly (readonly [key: string, value: string])[]): string {
  return `declare -gA ${name}=(\n${entries.map(([key, value]) => `\t['${key}']='${value}'\n`).join('')})\n`;
}

/** With a blank at both ends, so that a word can be looked for with its blanks. */
function list(name: string, words: readonly string[]): string {
  return `${name}=' ${words.join(' ')} '\n`;
}
