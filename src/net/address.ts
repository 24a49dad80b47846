import { Address6 } from 'ip-address';
import { AlfError, quote } from '../errors/index.js';
import { AddressScanner } from './scan-address.js';

/** IP version. */
export type AddressFamily = 4 | 6;

/** An IP address. */
export interface Address {
  readonly family: AddressFamily;
  /** 4 or 16 bytes, network byte order. */
  readonly bytes: readonly number[];
  /** The `%zone` of a scoped IPv6 address, without the `%`; empty if there was none. */
  readonly zone: string;
}

/**
 * Reads one IPv4 or IPv6 address in its usual text form.
 *
 * IPv4 needs four decimal parts without leading zeros (`010.0.0.1` is refused: programs disagree on its
 * meaning). IPv6 may carry a zone (`fe80::1%eth0`). No brackets, no prefix length, no host names.
 *
 * @throws AlfError ALF_ADDRESS
 * @see RFC 4291 section 2.2, RFC 4007 section 11
 */
export function parseAddress(text: string): Address {
  const address = text.includes(':') ? parse6(text) : parse4(text);
  if (address === undefined) {
    throw new AlfError('ALF_ADDRESS', `${quote(text)} is not an IP address`, {
      hint: 'expected IPv4 (192.0.2.1) or IPv6 (2001:db8::1)',
    });
  }
  return address;
}

function parse4(text: string): Address | undefined {
  const bytes = new TextEncoder().encode(text);
  const scanner = new AddressScanner(bytes);
  if (scanner.scan4(0) !== bytes.length) return undefined;
  return { family: 4, bytes: bytesOf(scanner.words.subarray(0, 1)), zone: '' };
}

function parse6(text: string): Address | undefined {
  if (text.includes('/')) return undefined;
  const [plain = '', ...zones] = text.split('%');
  const zone = zones.join('%');
  if (zones.length > 0 && !/^[^\s/%]+$/.test(zone)) return undefined;
  const bytes = parseGroups(plain) ?? parseAnySpelling(plain);
  return bytes === undefined ? undefined : { family: 6, bytes, zone };
}

function parseGroups(text: string): number[] | undefined {
  const bytes = new TextEncoder().encode(text);
  const scanner = new AddressScanner(bytes);
  return scanner.scan6(0) === bytes.length ? bytesOf(scanner.words) : undefined;
}

/** The library accepts all notations, but loading it takes longer than any other step before the exec. */
function parseAnySpelling(text: string): number[] | undefined {
  if (!Address6.isValid(text)) return undefined;
  const bytes = new Address6(text).toUnsignedByteArray();
  return [...new Array(16 - bytes.length).fill(0), ...bytes];
}

function bytesOf(words: Uint32Array): number[] {
  return [...words].flatMap((word) => [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff]);
}

/** Writes an address in its canonical text form (RFC 5952 for IPv6), with its zone if it has one. */
export function formatAddress(address: Address): string {
  if (address.family === 4) return address.bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => groupAt(address.bytes, 2 * i).toString(16));
  // The host of a URL has the same form, and URL formats it quickly.
  const text = new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
  return address.zone === '' ? text : `${text}%${address.zone}`;
}

function groupAt(bytes: readonly number[], at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
