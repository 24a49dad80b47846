import type { Warning } from './syntax.js';

/** The maximum lines of warnings; further ones are counted. */
const MAX_LINES = 20;

/** Appends the number of similar warnings to the first. */
export function withCount(first: string, count: number): string {
  return count === 1 ? first : `${first} (the first of ${count} such entries)`;
}

/**
 * Formats warnings, one a line: `FILE:LINE: MESSAGE`. Of similar warnings the first is printed, with their number.
 */
export function formatWarnings(warnings: readonly Warning[]): string[] {
  const groups = new Map<string, { readonly first: Warning; count: number }>();
  for (const warning of warnings) {
    const key = warning.kind ?? `${warning.location.file}:${warning.location.line}: ${warning.message}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: warning, count: 1 });
    else group.count += 1;
  }
  const lines = [...groups.values()].map(({ first: { location, message }, count }) => {
    return withCount(`${location.file}:${location.line}: ${message}`, count);
  });
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `${lines.length - MAX_LINES} more warnings of the rules`];
}
