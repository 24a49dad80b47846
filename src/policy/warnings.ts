import type { Warning } from './syntax.js';

/** The most lines of warnings; what comes after them is counted. */
const MAX_LINES = 20;

/** Says after the first of several like warnings how many there are. */
export function withCount(first: string, count: number): string {
  return count === 1 ? first : `${first} (the first of ${count} such entries)`;
}

/**
 * Words warnings, one a line: `FILE:LINE: MESSAGE`. Of several of one kind the first is told, and how many there are.
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
