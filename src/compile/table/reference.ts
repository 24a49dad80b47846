import type { Verdict } from '../../policy/index.js';
import { Tag } from './layout.js';

const TAG_SHIFT = 29;
const VALUE_MASK = 2 ** TAG_SHIFT - 1;
const FINAL_ALLOW = 1 << 28;
const FINAL_COUNTER = 0xffff;

/** Makes a reference of `value`, 29 bits; the result is an unsigned 32-bit number. */
export function reference(tag: number, value: number): number {
  return ((tag << TAG_SHIFT) | value) >>> 0;
}

/** The kind of a reference. */
export function tagOf(ref: number): number {
  return ref >>> TAG_SHIFT;
}

/** The position of the cell that a reference points at. */
export function cellOf(ref: number): number {
  return ref & VALUE_MASK;
}

/** The reference that decides. `rule` is the rule's index, -1 for the default. */
export function finalReference(verdict: Verdict, rule: number): number {
  return reference(Tag.final, (verdict === 'allow' ? FINAL_ALLOW : 0) | (rule + 1));
}

/** A packet's fate as an image gives it. */
export interface Decision {
  readonly verdict: Verdict;
  /** Index of the rule that decided, -1 for the default. */
  readonly rule: number;
}

/** The inverse of {@link finalReference}. */
export function decisionOf(ref: number): Decision {
  return { verdict: (ref & FINAL_ALLOW) !== 0 ? 'allow' : 'deny', rule: (ref & FINAL_COUNTER) - 1 };
}
