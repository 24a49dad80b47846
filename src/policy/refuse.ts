import { AlfError } from '../errors/index.js';
import type { SourceLocation } from './types.js';

/** Writes a location the way compilers do, so that editors can jump to it: `file:line:column`. */
export function formatLocation(location: SourceLocation): string {
  return `${location.file}:${location.line}:${location.column}`;
}

/**
 * Refuses the text at a location.
 *
 * @throws AlfError ALF_RULE, always
 */
export function refuse(location: SourceLocation, reason: string, hint?: string): never {
  const message = `${formatLocation(location)}: ${reason}`;
  throw new AlfError('ALF_RULE', message, hint === undefined ? {} : { hint });
}

/**
 * Runs a parser that does not know the location of its text, and adds the location to its error.
 *
 * @param prefix the start of the message
 * @throws AlfError ALF_RULE
 */
export function locate<T>(location: SourceLocation, parse: () => T, prefix = ''): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof AlfError) refuse(location, prefix + error.message, error.hint);
    throw error;
  }
}

/** Joins alternatives for a reader: `a`, `a or b`, `a, b or c`. */
export function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
