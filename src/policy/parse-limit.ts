import { quote } from '../errors/index.js';
import type { Cursor } from './cursor.js';
import { refuse } from './refuse.js';
import type { LimitClause } from './syntax.js';
import type { SourceLocation } from './types.js';

const RATE = /^([1-9]\d{0,8})\/(second|minute)$/;
const COUNT = /^[1-9]\d{0,8}$/;
const PREFIX_LENGTH = /^([1-9]|[1-9]\d|1[01]\d|12[0-8])$/;

/**
 * Reads the rest of `limit N/second|minute [burst N] [per address|PREFIXLEN]`, after its first
 * word.
 *
 * @throws AlfError ALF_RULE
 */
export function parseLimit(cursor: Cursor): LimitClause {
  const { location } = cursor.lastToken;
  const rate = cursor.expectWord('a rate');
  const [, count, unit] = RATE.exec(rate.text) ?? [];
  if (unit !== 'second' && unit !== 'minute') {
    const hint = 'for example 10/second or 3/minute';
    refuse(rate.location, `${quote(rate.text)} is not a rate: expected N/second or N/minute`, hint);
  }
  const burst = cursor.take('burst') ? parseBurst(cursor) : undefined;
  const per = cursor.take('per') ? parsePer(cursor) : undefined;
  return { count: Number(count), unit, burst, per, location };
}

function parseBurst(cursor: Cursor): number {
  const { text, location } = cursor.expectWord('a number');
  return parseNumber(text, location, COUNT, 'a number of packets, at least 1');
}

function parsePer(cursor: Cursor): 'address' | number {
  if (cursor.take('address')) return 'address';
  const { text, location } = cursor.expectWord('a prefix length');
  return parseNumber(text, location, PREFIX_LENGTH, 'address or a prefix length from 1 to 128');
}

function parseNumber(text: string, location: SourceLocation, pattern: RegExp, expected: string): number {
  if (!pattern.test(text)) refuse(location, `unexpected ${quote(text)}: expected ${expected}`);
  return Number(text);
}
