import { noInputs, type Policy, parsePolicy, resolvePolicy } from '../policy/index.js';
import type { PlannedEntry } from './plan.js';

const PRIVATE =
  'allow from 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 127.0.0.0/8, 169.254.0.0/16, ::1, fc00::/7, fe80::/10';

/**
 * What a shipped filter without state means as rules, so that it can be enforced on every tier.
 *
 * @param name of the filter
 * @param entries of its maps
 * @returns undefined for a filter that keeps state; else a function, because the strongest tier never asks
 */
export function equivalentPolicy(name: string, entries: readonly PlannedEntry[]): (() => Policy) | undefined {
  const rules = Object.hasOwn(EQUIVALENTS, name) ? EQUIVALENTS[name] : undefined;
  if (rules === undefined) return undefined;
  const words = entries.map(({ keyText }) => keyText);
  return () => resolvePolicy(parsePolicy(rules(words), name), noInputs).policy;
}

/** Rules by the name of the filter, made from the keys of its maps. */
const EQUIVALENTS: Readonly<Record<string, (words: readonly string[]) => string>> = {
  'whitelist-private': () => PRIVATE,
  whitelist: (words) => allowing('from', words),
  subnets: (words) => allowing('from', words),
  interfaces: (words) => allowing('in on', words),
};

/** Empty maps allow no packet. */
function allowing(clause: string, words: readonly string[]): string {
  return words.length === 0 ? 'default deny' : `allow ${clause} ${words.join(', ')}`;
}
