import { SHIPPED_FILTERS } from '../options.js';
import { type CompletionOption, type CompletionTable, LAUNCH, RULE_FLAGS } from './model.js';
import type { Offer } from './offers.js';

/** The tables that `scripts/completion.zsh` hands to `_arguments` and `_describe`. */
export function zshTables(tables: readonly CompletionTable[]): string {
  const commands = tables.filter(({ name }) => name !== LAUNCH);
  const options = tables.map(
    ({ name, options }) =>
      `_alfwrapper_options_${name}=(\n${options.flatMap(specs).map(indented).join('')})\n`,
  );
  const words = commands.map(
    ({ name, words }) => `_alfwrapper_words_${name}=${quoted(`*:word:${action(words)}`)}\n`,
  );
  return [
    ...options,
    ...words,
    `_alfwrapper_commands=(\n${commands.map(({ name, describe }) => indented(`${name}:${describe}`)).join('')})\n`,
    `_alfwrapper_wrapping=(${names(tables.filter(({ wraps }) => wraps))})\n`,
    `_alfwrapper_filters=(${SHIPPED_FILTERS.join(' ')})\n`,
    `_alfwrapper_rules=(${RULE_FLAGS.join(' ')})\n`,
  ].join('');
}

const names = (tables: readonly CompletionTable[]) => tables.map(({ name }) => name).join(' ');

/** One for each way to write the option; the long ones take their value with = or behind a blank. */
function specs({ flags, describe, value, repeatable }: CompletionOption): string[] {
  return flags.map((flag) => {
    const before = repeatable ? '*' : `(${flags.join(' ')})`;
    if (value === undefined) return `${before}${flag}[${escaped(describe)}]`;
    const takes = flag.startsWith('--') ? '=' : '+';
    return `${before}${flag}${takes}[${escaped(describe)}]:${escaped(value.name)}:${action(value.offer)}`;
  });
}

function action(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `(${offer.words.join(' ')})`;
    case 'list':
      return `_sequence compadd - ${offer.words.join(' ')}`;
    case 'nothing':
      return ' ';
    case 'file':
      return '_files';
    case 'filter':
      return '_alfwrapper_filter';
    case 'directory':
      return '_directories';
    case 'interface':
      return '_net_interfaces';
    case 'user':
      return '_users';
    case 'group':
      return '_groups';
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, '\\$&');
}

function indented(text: string): string {
  return `\t${quoted(text)}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
