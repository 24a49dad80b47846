import { onOneLine, quote } from '../errors/index.js';
import { countRanges } from './address-set.js';
import type { ReadList } from './resolve-peers.js';
import type { Policy, Rule } from './types.js';

/** Names a rule in a message: its text and where it was written, `allow from private (web.rules:3)`. */
export function describeRule({ text, location: { file, line } }: Rule): string {
  // An option has one line, and nobody counts it.
  const where = file.startsWith('--') ? file : `${onOneLine(file)}:${line}`;
  return `${text} (${where})`;
}

/** Says what a set file was read as. */
export function describeList({ name, path, format, entries, set }: ReadList): string {
  const counts = `${count(entries, 'entry', 'entries')}, ${count(countRanges(set), 'range')}`;
  return `set ${name}: ${quote(path)} read as ${format}: ${counts}`;
}

/** Says in a few words how large a policy is and what it does with the rest. */
export function summarizePolicy({ rules, default: verdict }: Policy): string {
  const allowing = rules.filter((rule) => rule.verdict === 'allow').length;
  const sets = new Set(rules.flatMap(({ match }) => [match.source, match.destination]));
  const ranges = [...sets].reduce((sum, set) => sum + (set === undefined ? 0 : countRanges(set)), 0);
  const counts = `${count(rules.length, 'rule')} (${allowing} allow, ${rules.length - allowing} deny)`;
  return `${counts}, ${count(ranges, 'address range')}, default ${verdict}`;
}

function count(number: number, noun: string, nouns = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : nouns}`;
}
