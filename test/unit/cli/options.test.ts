import { describe, expect, it } from 'vitest';
import { helpText } from '../../../src/cli/help.js';
import type { OptionSpec } from '../../../src/cli/option-spec.js';
import { LAUNCH_OPTIONS } from '../../../src/cli/options.js';
import { parseCommandLine } from '../../../src/cli/parse.js';
import { parseOptions } from '../../../src/cli/parse-options.js';

const options: readonly OptionSpec[] = LAUNCH_OPTIONS;

/** Options that others need. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  json: ['--dry-run'],
  'allow-new-privs': ['--intercept'],
};

describe('the option table', () => {
  it('names every option and letter once', () => {
    const names = options.flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias]));
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(options.map((option) => [option.name, option] as const))(
    '--%s is cut, parsed and in the help',
    async (name, option) => {
      const words = option.value === undefined ? [`--${name}`] : [`--${name}`, 'x'];
      expect(parseOptions([...words, 'f'], LAUNCH_OPTIONS).rest).toBe(words.length);
      expect(await helpText()).toContain(`--${name}`);
      const needed = NEEDED[name] ?? [];
      if (option.value === undefined) expect(parseCommandLine([...needed, ...words, 'f', 'p'])).toBeTruthy();
    },
  );
});
