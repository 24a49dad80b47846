import { AlfError, quote } from '../errors/index.js';
import { type Address, parseAddress } from './address.js';
import { type Endpoint, formatEndpoint } from './endpoint.js';
import { parsePort } from './port.js';
import { parseUnixPath, type UnixSpec } from './unix.js';

/** An endpoint and the kind of socket that listens there. */
export interface InternetSpec extends Endpoint {
  /** TCP is `stream`, UDP is `datagram`. */
  readonly type: 'stream' | 'datagram';
  /** No address was written; `[::]` stands for all addresses of the machine. */
  readonly anyAddress?: true;
}

/** An address to listen on, and the kind of socket. */
export type ListenSpec = InternetSpec | UnixSpec;

/** The kinds of sockets by the prefix of a SPEC. */
export type SocketKind = 'tcp' | 'udp' | 'unix' | 'unix-dgram' | 'unix-seqpacket';

const UNIX_FORM = /^(?:(unix|unix-dgram|unix-seqpacket):|(?=[/@]))(.*)$/s;
const INTERNET_FORM = /^(?:(tcp|udp):)?(?:\[([^\]]+)\]:|([^:[\]]*):)?(\d+)(?:%([^%]+))?$/;

/** `::`, which serves IPv4 as well. */
const ANY: Address = { family: 6, bytes: new Array(16).fill(0), zone: '' };

/** True for a UNIX socket, whose address is a path. */
export function isUnix(spec: ListenSpec): spec is UnixSpec {
  return 'path' in spec;
}

/** The kind of a socket. */
export function socketKind(spec: ListenSpec): SocketKind {
  if (!isUnix(spec)) return spec.type === 'stream' ? 'tcp' : 'udp';
  return ({ stream: 'unix', datagram: 'unix-dgram', seqpacket: 'unix-seqpacket' } as const)[spec.type];
}

/** Formats the address of a listener without its kind: `[::1]:80`, `/run/web.sock`, `@name`. */
export function formatListenAddress(spec: ListenSpec): string {
  return isUnix(spec) ? spec.path : formatEndpoint(spec);
}

/**
 * Reads a listener in the notation of systemd.socket(5): `8080`, `127.0.0.1:80`, `[::1]:80`, `[fe80::1]:80%eth0`,
 * `/run/web.sock`, `@name`.
 *
 * The kind is an optional prefix: `tcp:` or `udp:` for addresses, default TCP; `unix:` (a stream), `unix-dgram:` or
 * `unix-seqpacket:` for paths and abstract names, default stream.
 *
 * A bare port is dual-stack: `[::]`. A zone may also follow the address inside the brackets. With port 0 the
 * kernel selects one.
 *
 * @throws AlfError ALF_ADDRESS
 */
export function parseListenSpec(text: string): ListenSpec {
  const [, unix, path] = UNIX_FORM.exec(text) ?? [];
  if (path !== undefined) return { type: UNIX_TYPES[unix ?? 'unix'] ?? 'stream', path: parseUnixPath(path) };
  const [, protocol, bracketed, plain, port, zone] = INTERNET_FORM.exec(text) ?? [];
  if (port === undefined || plain === '') throw refusal(text);
  return {
    type: protocol === 'udp' ? 'datagram' : 'stream',
    address: parseHost(text, bracketed, plain, zone),
    port: parsePort(port),
    ...(bracketed === undefined && plain === undefined ? { anyAddress: true } : {}),
  };
}

const UNIX_TYPES: Readonly<Record<string, UnixSpec['type']>> = {
  'unix-dgram': 'datagram',
  'unix-seqpacket': 'seqpacket',
};

function parseHost(
  text: string,
  bracketed: string | undefined,
  plain: string | undefined,
  zone: string | undefined,
) {
  const host = bracketed ?? plain;
  if (host === undefined) {
    if (zone !== undefined) throw refusal(text);
    return ANY;
  }
  const address = parseAddress(host);
  if (address.family !== (bracketed === undefined ? 4 : 6)) throw refusal(text);
  if (zone === undefined) return address;
  if (address.family === 4 || address.zone !== '') throw refusal(text);
  return { ...address, zone };
}

function refusal(text: string): AlfError {
  return new AlfError('ALF_ADDRESS', `${quote(text)} is not something to listen on`, {
    hint: 'expected PORT, ADDRESS:PORT or [ADDRESS]:PORT, with tcp: or udp: in front if you like; /PATH or @NAME, with unix:, unix-dgram: or unix-seqpacket:',
  });
}
