import type { Policy } from './types.js';

/** The names of the interfaces that rules ask for, each once. */
export function interfaceNames(policy: Policy): string[] {
  return [...new Set(policy.rules.flatMap(({ match }) => match.interfaces ?? []))];
}
