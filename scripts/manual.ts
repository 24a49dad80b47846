import { readFileSync } from 'node:fs';
import type { Command } from '../src/cli/commands/command.js';
import { COMMANDS } from '../src/cli/commands/index.js';
import type { OptionSpec, OptionTable } from '../src/cli/option-spec.js';
import { COMMAND_NAMES, LAUNCH_OPTIONS, SHIPPED_FILTERS } from '../src/cli/options.js';
import { addressWords } from '../src/policy/index.js';

const HEAD =
  '.\\" Generated from man/alfwrapper.1.in, src/cli/options.ts and src/cli/commands by npm run man.\n';

const OPTION_NAMES: readonly string[] = LAUNCH_OPTIONS.map(({ name }) => name);

/** Returns the manual page in man(7) macros: the text of `man/alfwrapper.1.in` with the option tables. */
export function manualPage(): string {
  const parts: Readonly<Record<string, string>> = {
    NAMES: bold(COMMAND_NAMES, ' | '),
    WORDS: bold(addressWords, ', '),
    FILTERS: SHIPPED_FILTERS.map(roff).join(' ", " '),
    OPTIONS: groups(LAUNCH_OPTIONS),
    COMMANDS: COMMANDS.map(describeCommand).join('\n'),
  };
  const text = readFileSync(new URL('../man/alfwrapper.1.in', import.meta.url), 'utf8');
  return HEAD + text.replaceAll(/@([A-Z]+)@/g, (_, name: string) => parts[name] ?? name);
}

const bold = (words: readonly string[], between: string) =>
  words.map((word) => `\\fB${roff(word)}\\fR`).join(between);

/** Formats options in the groups of the help, each with its heading. */
function groups(table: OptionTable): string {
  const names = [...new Set(table.map(({ group }) => group))];
  return names
    .map((name) => [
      `.SS ${name.replace(/:$/, '')}`,
      ...table.filter(({ group }) => group === name).map(describe),
    ])
    .map((lines) => lines.join('\n'))
    .join('\n');
}

function describeCommand({ name, usage, describe: what, options }: Command): string {
  const own = options.filter((option) => !OPTION_NAMES.includes(option.name) || isOwn(option));
  const title = `.SS alfwrapper ${name} ${roff(usage).replaceAll('…', '...')}`;
  return [title, sentence(what), ...own.map(describe)].join('\n');
}

/** Launch mode also has `--json`, with another description. */
function isOwn({ name, describe: what }: OptionSpec): boolean {
  return LAUNCH_OPTIONS.find((option) => option.name === name)?.describe !== what;
}

function describe(option: OptionSpec): string {
  const { alias, name, value, repeatable, default: fallback } = option;
  const long =
    fallback === true ? [`\\-\\-${roff(name)}`, `\\-\\-no\\-${roff(name)}`] : [`\\-\\-${roff(name)}`];
  const names = [...(alias === undefined ? [] : [`\\-${alias}`]), ...long];
  const takes = value === undefined ? '' : ` " " \\fI${roff(value)}\\fR`;
  const repeat = repeatable ? ' May be repeated.' : '';
  const usual = typeof fallback === 'string' ? ` Default: ${roff(fallback)}.` : '';
  const macro = names.length === 1 && takes === '' ? '.B' : '.BR';
  return `.TP\n${macro} ${names.join(' ", " ')}${takes}\n${sentence(option.describe)}${repeat}${usual}`;
}

function sentence(text: string): string {
  return `${roff(text.charAt(0).toUpperCase() + text.slice(1))}.`;
}

function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}
