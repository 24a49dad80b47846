import { describe, expect, it } from 'vitest';
import { craftPacket, parseAddress, readPacket } from '../../../src/net/index.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const parts = (protocol: number, source: string, destination: string, data = '', flags = 2) => ({
  ...{ protocol, sourcePort: 40000, destinationPort: 80, flags },
  source: parseAddress(source),
  destination: parseAddress(destination),
  data: new TextEncoder().encode(data),
});

describe('craftPacket', () => {
  it.each([
    [
      'TCP on IPv4',
      parts(6, '192.0.2.1', '192.0.2.2'),
      '45000028000000004006' + '0000c0000201c0000202' + '9c4000500000000000000000' + '5002ffff00000000',
      20,
    ],
    [
      'UDP on IPv6, with data',
      parts(17, '2001:db8::1', '2001:db8::2', 'hi'),
      `60000000000a1140${'20010db8'}${'0'.repeat(23)}1${'20010db8'}${'0'.repeat(23)}2` +
        `9c400050000a0000${hex(Buffer.from('hi'))}`,
      40,
    ],
    [
      'ICMP, without ports',
      parts(1, '10.0.0.1', '10.0.0.2', 'x'),
      '45000015000000004001' + '00000a0000010a000002' + '78',
      20,
    ],
  ])('%s', (_, of, bytes, transport) => {
    const packet = craftPacket(of);
    expect(hex(packet.bytes)).toBe(bytes);
    expect(packet.transport).toBe(transport);
    expect(readPacket(packet.bytes)).toEqual(packet);
  });
});

describe('readPacket', () => {
  it('finds the transport header after IPv4 options', () => {
    expect(readPacket(Uint8Array.of(0x46, ...new Array(30).fill(0)))?.transport).toBe(24);
  });

  it.each([
    ['nothing', []],
    ['another version', [0x55, ...new Array(40).fill(0)]],
    ['a header cut short', [0x45, ...new Array(18).fill(0)]],
    ['a header of IPv6 cut short', [0x60, ...new Array(38).fill(0)]],
    ['an impossible length', [0x41, ...new Array(40).fill(0)]],
  ])('refuses %s', (_, bytes) => {
    expect(readPacket(Uint8Array.from(bytes))).toBeUndefined();
  });
});
