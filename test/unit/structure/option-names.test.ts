import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands/index.js';
import { LAUNCH_OPTIONS } from '../../../src/cli/options.js';
import { filesBelow } from './files.js';

const NAMES = [...LAUNCH_OPTIONS, ...COMMANDS.flatMap(({ options }) => options)].map(({ name }) => name);
const OPTION = new RegExp(`--(?:no-)?(?:${[...new Set(NAMES)].join('|')})(?![\\w-])`, 'g');

/** The options that the code of a file names; comments may. */
function optionsIn(text: string): string[] {
  const { code } = transformSync(text, { loader: 'ts', minifyWhitespace: true, legalComments: 'none' });
  return code.match(OPTION) ?? [];
}

describe('options are named in cli only', () => {
  const checked = filesBelow('src').filter(
    ({ path }) => path.endsWith('.ts') && !path.startsWith('src/cli/'),
  );

  it.each(checked.map(({ path, text }) => [path, text] as const))('%s', (_, text) => {
    expect(optionsIn(text)).toEqual([]);
  });

  it.each([
    ["export const a = 'try --tier steer';", ['--tier']],
    ["export const a = 'or --no-lock, --listen=x';", ['--no-lock', '--listen']],
    ["export const a = 'docker run --init --cap-add BPF, --tiers';", []],
    ['/** As `--tier` says. */\nexport const a = 1; // --lock', []],
  ])('which is checked: %s', (text, expected) => {
    expect(optionsIn(text)).toEqual(expected);
  });
});
