import { LAUNCH_OPTIONS } from '../../../src/cli/options.js';
import { parseOptions } from '../../../src/cli/parse-options.js';

/** A command line divided, its options as words: `--name=value`, `--name`, `--no-name`. */
export function cutWords(argv: readonly string[]): { own: string[]; rest: number } {
  const { given, rest } = parseOptions(argv, LAUNCH_OPTIONS);
  const own = given.map(({ option, value }) => {
    if (typeof value === 'string') return `--${option.name}=${value}`;
    return value ? `--${option.name}` : `--no-${option.name}`;
  });
  return { own, rest };
}
