import { onOneLine, quote } from '../errors/index.js';
import { countRanges } from './address-set.js';
import type { ReadList } from './resolve-peers.js';
import type { Policy, Rule } from './types.js';

/** Describes a rule for messages: its text and location, `allow from private (web.rules:3)`. */
export function describeRule({ text, location: { file, line } }: Rule): string {
  // An option has one line, so its number is omitted.
  const where = file.startsWith('--') ? file : `${onOneLine(file)}:${line}`;
  return `${text} (${where})`;
}

/** Describes the format of a set file. */
export function describeList({ name, path, format, entries, set }: ReadList): string {
  const counts = `${count(entries, 'entry', 'entries')}, ${count(countRanges(set), 'range')}`;
  return `set ${name}: ${quote(path)} read as ${format}: ${counts}`;
}

/** Describes the size of a policy and its default in a few words. */
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
