import { Address4, Address6 } from 'ip-address';
import { AlfError, quote } from '../errors/index.js';

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

const CANONICAL4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/**
 * Reads one IPv4 or IPv6 address in its usual text form.
 *
 * IPv4 needs four decimal parts without leading zeros (`010.0.0.1` is refused: it means different things to different
 * programs). IPv6 may carry a zone (`fe80::1%eth0`). No brackets, no prefix length, no host names.
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
  if (!CANONICAL4.test(text) || /(^|\.)0\d/.test(text) || !Address4.isValid(text)) return undefined;
  return { family: 4, bytes: new Address4(text).toArray(), zone: '' };
}

function parse6(text: string): Address | undefined {
  if (text.includes('/')) return undefined;
  const [plain = '', ...zones] = text.split('%');
  const zone = zones.join('%');
  if (zones.length > 0 && !/^[^\s/%]+$/.test(zone)) return undefined;
  if (!Address6.isValid(plain)) return undefined;
  const bytes = new Address6(plain).toUnsignedByteArray();
  return { family: 6, bytes: [...new Array(16 - bytes.length).fill(0), ...bytes], zone };
}

/** Writes an address in its canonical text form (RFC 5952 for IPv6), with its zone if it has one. */
export function formatAddress(address: Address): string {
  if (address.family === 4) return address.bytes.join('.');
  const text = Address6.fromUnsignedByteArray([...address.bytes]).correctForm();
  return address.zone === '' ? text : `${text}%${address.zone}`;
}
