import { AlfError, quote } from '../errors/index.js';
import { type Address, type AddressFamily, formatAddress, parseAddress } from './address.js';

/** A network prefix: the address has no bits below its length. */
export interface Prefix {
  readonly family: AddressFamily;
  /** 4 or 16 bytes, network byte order, host bits zero. */
  readonly bytes: readonly number[];
  /** Prefix length in bits: 0 to 32 or 0 to 128. */
  readonly length: number;
}

/** A prefix, and whether it was probably a mistake. */
export interface ParsedPrefix {
  readonly prefix: Prefix;
  /** Whether host bits were set in the text (`127.0.0.1/24`) and have been cleared. */
  readonly hostBits: boolean;
}

/**
 * Reads `ADDRESS/LENGTH`, or a bare address as a prefix of full length.
 *
 * `/0` is every address of that family. Host bits below the length are cleared and reported, not refused.
 *
 * @throws AlfError ALF_ADDRESS for a bad address, a zone, or a length that is not a number in range
 */
export function parsePrefix(text: string): ParsedPrefix {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address.zone !== '') {
    throw new AlfError('ALF_ADDRESS', `${quote(text)} has a zone; a prefix cannot have one`);
  }
  const bits = address.family === 4 ? 32 : 128;
  const length = slash < 0 ? bits : parseLength(text, text.slice(slash + 1), bits);
  const bytes = address.bytes.map((byte, i) => byte & maskByte(length, i));
  const hostBits = bytes.some((byte, i) => byte !== address.bytes[i]);
  return { prefix: { family: address.family, bytes, length }, hostBits };
}

/** Writes a prefix as `ADDRESS/LENGTH`; the length is always written. */
export function formatPrefix(prefix: Prefix): string {
  const address: Address = { family: prefix.family, bytes: prefix.bytes, zone: '' };
  return `${formatAddress(address)}/${prefix.length}`;
}

function parseLength(text: string, length: string, bits: number): number {
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits) {
    throw new AlfError('ALF_ADDRESS', `${quote(text)} has the prefix length ${quote(length)}`, {
      hint: `expected a number from 0 to ${bits} after the slash`,
    });
  }
  return Number(length);
}

/** The mask of byte `index` for a prefix of `length` bits. */
function maskByte(length: number, index: number): number {
  const bits = Math.min(8, Math.max(0, length - index * 8));
  return (0xff << (8 - bits)) & 0xff;
}
