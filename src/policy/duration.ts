import { quote } from '../errors/index.js';
import { refuse } from './refuse.js';
import type { SourceLocation } from './types.js';

// Largest first: a duration is written in the first unit that divides it.
const SECONDS: ReadonlyMap<string, number> = new Map([
  ['d', 86400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
]);

/**
 * Reads a duration `30s`, `5m`, `12h` or `1d` as seconds.
 *
 * @throws AlfError ALF_RULE
 */
export function parseDuration(text: string, location: SourceLocation): number {
  const [, count, unit = ''] = /^([1-9]\d{0,5})([a-z])$/.exec(text) ?? [];
  const seconds = SECONDS.get(unit);
  if (seconds === undefined) {
    const hint = 'for example 30s, 5m, 12h or 1d';
    refuse(location, `${quote(text)} is not a duration: expected a number and s, m, h or d`, hint);
  }
  return Number(count) * seconds;
}

/** Writes seconds, at least 1, as {@link parseDuration} reads them, in the largest unit that fits exactly. */
export function formatDuration(seconds: number): string {
  const [unit, size] = [...SECONDS].find(([, size]) => seconds % size === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}
