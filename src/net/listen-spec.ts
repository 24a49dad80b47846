import { AlfError, quote } from '../errors/index.js';
import { type Address, parseAddress } from './address.js';
import type { Endpoint } from './endpoint.js';
import { parsePort } from './port.js';

/** An endpoint and the kind of socket that listens there. */
export interface ListenSpec extends Endpoint {
  /** TCP is `stream`, UDP is `datagram`. */
  readonly type: 'stream' | 'datagram';
}

const FORM = /^(?:(tcp|udp):)?(?:\[([^\]]+)\]:|([^:[\]]*):)?(\d+)(?:%([^%]+))?$/;

/** `::`, which serves IPv4 as well. */
const ANY: Address = { family: 6, bytes: new Array(16).fill(0), zone: '' };

/**
 * Reads what to listen on, in the forms of systemd.socket(5): `8080`, `127.0.0.1:80`, `[::1]:80`, `[fe80::1]:80%eth0`,
 * each with `tcp:` or `udp:` in front; without it TCP.
 *
 * A bare port is dual-stack: `[::]`. A zone may also stand behind the address, inside the brackets. Port 0 lets the
 * kernel pick one.
 *
 * @throws AlfError ALF_ADDRESS
 */
export function parseListenSpec(text: string): ListenSpec {
  const [, protocol, bracketed, plain, port, zone] = FORM.exec(text) ?? [];
  if (port === undefined || plain === '') throw refusal(text);
  return {
    type: protocol === 'udp' ? 'datagram' : 'stream',
    address: parseHost(text, bracketed, plain, zone),
    port: parsePort(port),
  };
}

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
    hint: 'expected PORT, ADDRESS:PORT or [ADDRESS]:PORT, with tcp: or udp: in front if you like',
  });
}
