import { AlfError, quote } from '../errors/index.js';
import { hostIsLittleEndian } from './byte-order.js';

/** A UNIX socket. */
export interface UnixSpec {
  readonly type: 'stream' | 'datagram' | 'seqpacket';
  /** An absolute path, or `@` and an abstract name; empty for an inherited socket without a name. */
  readonly path: string;
}

/** The size of `sun_path` without its final zero, or without the first zero of an abstract name. @see unix(7) */
const LONGEST = 107;

const FAMILY_BYTES = 2;

/** The replacement for a byte that is not UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * Checks the address of a UNIX socket: an absolute path, or `@` and a name in the abstract namespace, which
 * has no file.
 *
 * @throws AlfError ALF_ADDRESS
 */
export function parseUnixPath(text: string): string {
  const size = new TextEncoder().encode(isAbstract(text) ? text.slice(1) : text).length;
  const reason = reasonAgainst(text, size);
  if (reason === undefined) return text;
  throw new AlfError('ALF_ADDRESS', `${quote(text)} is not a path of a UNIX socket: ${reason}`, {
    hint: 'expected an absolute path or @NAME, of 107 bytes at most',
  });
}

function reasonAgainst(text: string, size: number): string | undefined {
  if (!/^[/@]/.test(text)) return 'it is not absolute';
  if (text === '@' || text.endsWith('/')) return 'it has no name';
  if (text.includes('\0')) return 'it holds a zero byte';
  if (text.includes(REPLACEMENT)) return 'it is not UTF-8';
  return size > LONGEST ? `it has ${size} bytes` : undefined;
}

/** Whether a name has no file. */
export function isAbstract(path: string): boolean {
  return path.startsWith('@');
}

/**
 * Encodes a path as `struct sockaddr_un` of minimal length: an abstract name has no final zero.
 *
 * @param family the value of `AF_UNIX` on this platform
 * @see unix(7)
 */
export function encodeUnixSockaddr(
  path: string,
  family: number,
  littleEndian = hostIsLittleEndian(),
): Uint8Array {
  const name = new TextEncoder().encode(isAbstract(path) ? `\0${path.slice(1)}` : `${path}\0`);
  const bytes = new Uint8Array(FAMILY_BYTES + name.length);
  new DataView(bytes.buffer).setUint16(0, family, littleEndian);
  bytes.set(name, FAMILY_BYTES);
  return bytes;
}

/**
 * Decodes the result of getsockname(2); the inverse of {@link encodeUnixSockaddr}.
 *
 * @returns the empty path for a socket without a name
 */
export function decodeUnixPath(bytes: Uint8Array): string {
  const name = bytes.subarray(FAMILY_BYTES);
  if (name.length === 0) return '';
  const text = new TextDecoder();
  if (name[0] === 0) return `@${text.decode(name.subarray(1))}`;
  const end = name.indexOf(0);
  return text.decode(end < 0 ? name : name.subarray(0, end));
}
