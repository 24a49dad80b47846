import { SHIPPED_FILTERS } from '../options.js';
import { type CompletionOption, type CompletionTable, LAUNCH, RULE_FLAGS } from './model.js';
import type { Offer } from './offers.js';

/** The tables that `scripts/completion.fish` walks through, and the options as fish wants to be told of them. */
export function fishTables(tables: readonly CompletionTable[]): string {
  const commands = tables.filter(({ name }) => name !== LAUNCH);
  const takes = tables.flatMap(({ name, options }) =>
    options.flatMap(({ flags, value }) =>
      value === undefined ? [] : flags.map((flag) => quoted(`${name} ${flag}`)),
    ),
  );
  const lines = [
    `set -g __alfwrapper_takes ${takes.join(' ')}`,
    `set -g __alfwrapper_commands ${names(commands)}`,
    `set -g __alfwrapper_wrapping ${names(tables.filter(({ wraps }) => wraps))}`,
    `set -g __alfwrapper_filters ${SHIPPED_FILTERS.join(' ')}`,
    `set -g __alfwrapper_rules ${RULE_FLAGS.join(' ')}`,
    ...tables.flatMap(({ name, options }) =>
      options.map((option) => `complete -c alfwrapper -n '__alfwrapper_at ${name}' ${describe(option)}`),
    ),
    ...commands.flatMap(({ name, describe, words }) => [
      `complete -c alfwrapper -n '__alfwrapper_at command' -xa ${name} -d ${quoted(describe)}`,
      ...(words.kind === 'nothing'
        ? []
        : [`complete -c alfwrapper -n '__alfwrapper_at ${name}' ${values(words)}`]),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

const names = (tables: readonly CompletionTable[]) => tables.map(({ name }) => name).join(' ');

function describe({ flags, describe, value }: CompletionOption): string {
  const written = flags.map((flag) =>
    flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  return [...written, ...(value === undefined ? [] : [values(value.offer)]), `-d ${quoted(describe)}`].join(
    ' ',
  );
}

function values(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `-xa ${quoted(offer.words.join(' '))}`;
    case 'list':
      return `-xa ${quoted(`(__fish_append , ${offer.words.join(' ')})`)}`;
    case 'nothing':
      return '-x';
    case 'file':
      return '-rF';
    case 'filter':
      return `-xa '(__alfwrapper_filter)'`;
    case 'directory':
      return `-xa '(__fish_complete_directories)'`;
    case 'interface':
      return `-xa '(__fish_print_interfaces)'`;
    case 'user':
      return `-xa '(__fish_complete_users)'`;
    case 'group':
      return `-xa '(__fish_complete_groups)'`;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
