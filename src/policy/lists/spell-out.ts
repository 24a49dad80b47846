import { quote } from '../../errors/index.js';
import { refuse } from '../refuse.js';
import type { SourceLocation } from '../types.js';

const PARTS = String.raw`\d{1,3}(?:\.\d{1,3}){0,3}`;
const SHORT = new RegExp(`^(${PARTS})/(\\d{1,2})$`);
const MASKED = new RegExp(`^(${PARTS})/(\\d{1,3}(?:\\.\\d{1,3}){3})$`);
const WILDCARD = /^(\d{1,3}(?:\.\d{1,3}){0,2})((?:\.\*){1,3})$/;
const ALL_BITS = 32;

/**
 * Writes an IPv4 prefix with a netmask (`10.0.0.0/255.0.0.0`), with omitted parts (`10/8`) or with wildcards
 * (`192.168.*`) as `ADDRESS/LENGTH`.
 *
 * Omitted parts must be below the prefix length: `10.1` and `10/16` are ambiguous.
 *
 * @returns undefined for any other text
 * @throws AlfError ALF_RULE for a netmask with holes, or one that could be a wildcard mask
 */
export function spellOut(text: string, location: SourceLocation): string | undefined {
  const [, shortParts = '', length = ''] = SHORT.exec(text) ?? [];
  if (shortParts !== '') {
    const isCertain = Number(length) <= bitsOf(shortParts);
    return isCertain ? `${fill(shortParts)}/${length}` : undefined;
  }
  const [, maskedParts = '', mask = ''] = MASKED.exec(text) ?? [];
  if (maskedParts !== '') {
    const bits = lengthOfMask(mask);
    if (bits === undefined || bits > bitsOf(maskedParts) || (bits === 0 && /[1-9]/.test(maskedParts))) {
      const hint = `write ${fill(maskedParts)}/LENGTH; a wildcard mask has its bits inverted`;
      refuse(location, `${quote(text)} has the netmask ${mask}: expected one bits, then zero bits`, hint);
    }
    return `${fill(maskedParts)}/${bits}`;
  }
  const [, wildParts = '', stars = ''] = WILDCARD.exec(text) ?? [];
  const fits = wildParts !== '' && bitsOf(wildParts) + 4 * stars.length <= ALL_BITS;
  return fits ? `${fill(wildParts)}/${bitsOf(wildParts)}` : undefined;
}

function bitsOf(parts: string): number {
  return 8 * parts.split('.').length;
}

function fill(parts: string): string {
  return [...parts.split('.'), '0', '0', '0'].slice(0, 4).join('.');
}

/** The prefix length of a netmask; undefined if it is not one. */
function lengthOfMask(mask: string): number | undefined {
  const bytes = mask.split('.').map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.replace(/0/g, '').length : undefined;
}
