import { AlfError, quote } from '../errors/index.js';
import type { TriedPacket } from '../filter/index.js';
import {
  type CraftedPacket,
  craftPacket,
  type Endpoint,
  formatEndpoint,
  formatProtocol,
  parsePeer,
  parseProtocol,
  portProtocols,
  readPacket,
  UNIX_PROTOCOL,
} from '../net/index.js';

/** A packet, and what to call it. */
export interface NamedPacket extends TriedPacket {
  readonly text: string;
}

/** Default endpoints of packets: addresses for documentation, the default port of alfwrapper. */
const PEERS: Readonly<Record<4 | 6, string>> = { 4: '192.0.2.2', 6: '2001:db8::2' };
const CLIENT_PORT = 40000;
const SERVER_PORT = 4242;
const FLAGS: Readonly<Record<string, number>> = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32 };

const EXPECTED =
  'expected [tcp|udp|…] ADDR[:PORT] [to ADDR[:PORT]] [on IF] [flags syn,ack] [data TEXT|hex:BYTES], or hex:BYTES of a packet';

/**
 * Reads a packet: `udp 192.0.2.1:5000 to 192.0.2.2:53 on eth0 data hello`. All but the address it comes from may be left
 * out. `hex:` in front means a whole packet from its network header on.
 *
 * @param indexOf the index of an interface, undefined if there is none of that name
 * @throws AlfError ALF_USAGE or ALF_ADDRESS
 */
export function parsePacket(text: string, indexOf: (name: string) => number | undefined): NamedPacket {
  const [, head = '', data] = /^(.*?)(?: data (.*))?$/s.exec(text) ?? [];
  const words = head.split(/\s+/).filter((word) => word !== '');
  const { on = 'lo', ...parts } = readWords(text, words);
  const ifindex = indexOf(on);
  if (ifindex === undefined) throw wrong(text, `no such network interface: ${quote(on)}`);
  const [first = ''] = parts.from;
  if (first.startsWith('hex:')) return { ...wholePacket(text, first), ifindex, text };
  const protocol = protocolOf(text, parts.protocol);
  const from = endpoint(first, CLIENT_PORT);
  const to = endpoint(parts.to ?? PEERS[from.address.family], SERVER_PORT);
  if (from.address.family !== to.address.family) throw wrong(text, 'the addresses are of different families');
  const payload = data === undefined ? new Uint8Array() : payloadOf(text, data);
  const packet = craftPacket({
    protocol,
    source: from.address,
    sourcePort: from.port,
    destination: to.address,
    destinationPort: to.port,
    flags: flagsOf(text, parts.flags ?? (data === undefined ? 'syn' : 'psh,ack')),
    data: payload,
  });
  const ports = portProtocols.includes(protocol);
  const show = (end: Endpoint) =>
    ports ? formatEndpoint(end) : formatEndpoint({ ...end, port: 0 }).replace(/:0$/, '');
  return { ...packet, ifindex, text: `${formatProtocol(protocol)} ${show(from)} to ${show(to)}` };
}

interface Words {
  readonly protocol: string | undefined;
  readonly from: readonly string[];
  readonly to: string | undefined;
  readonly on: string | undefined;
  readonly flags: string | undefined;
}

function readWords(text: string, words: readonly string[]): Words {
  const options: Partial<Record<string, string>> = {};
  const plain: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!['to', 'on', 'flags', 'from'].includes(word)) {
      plain.push(word);
      continue;
    }
    const value = words[++at];
    if (value === undefined || options[word] !== undefined)
      throw wrong(text, `${word} needs one word after it`);
    options[word] = value;
  }
  const { from = plain.pop(), to, on, flags } = options;
  const [protocol, ...rest] = plain;
  if (from === undefined) throw wrong(text, 'missing source address');
  if (rest.length > 0) throw wrong(text, `${quote(rest[0] ?? '')} is one word too many`);
  return { protocol, from: [from], to, on, flags };
}

function protocolOf(text: string, name = 'tcp'): number {
  const protocol = parseProtocol(name);
  if (protocol === undefined || protocol === UNIX_PROTOCOL)
    throw wrong(text, `${quote(name)} is not an IP protocol`);
  return protocol;
}

function endpoint(text: string, otherwise: number): Endpoint {
  const { address, port = otherwise } = parsePeer(text);
  return { address, port };
}

function flagsOf(text: string, names: string): number {
  return names.split(',').reduce((all, name) => {
    const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
    if (flag === undefined) throw wrong(text, `${quote(name)} is not a TCP flag`);
    return all | flag;
  }, 0);
}

function payloadOf(text: string, data: string): Uint8Array {
  return data.startsWith('hex:') ? hexBytes(text, data) : new TextEncoder().encode(data);
}

function wholePacket(text: string, word: string): CraftedPacket {
  const packet = readPacket(hexBytes(text, word));
  if (packet === undefined) throw wrong(text, 'it has no header of IPv4 or IPv6');
  return packet;
}

function hexBytes(text: string, word: string): Uint8Array {
  const digits = word.slice('hex:'.length).replace(/[\s:]/g, '');
  if (!/^([\da-f]{2})*$/i.test(digits)) throw wrong(text, 'its bytes are not pairs of hexadecimal digits');
  return Buffer.from(digits, 'hex');
}

function wrong(text: string, reason: string): AlfError {
  return new AlfError('ALF_USAGE', `${quote(text)} is not a packet: ${reason}`, { hint: EXPECTED });
}
