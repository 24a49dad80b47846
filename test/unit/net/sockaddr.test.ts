import { describe, expect, it } from 'vitest';
import { decodeSockaddr, encodeSockaddr, formatEndpoint, parseAddress } from '../../../src/net/index.js';

const families = { AF_INET: 2, AF_INET6: 10 };
const endpoint = (address: string, port: number) => ({ address: parseAddress(address), port });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const NONE = '00'.repeat(8);

describe('encodeSockaddr', () => {
  it.each([
    ['192.0.2.1', 80, 0, true, `02000050c0000201${NONE}`],
    ['192.0.2.1', 80, 0, false, `00020050c0000201${NONE}`],
    ['0.0.0.0', 0, 0, true, `0200000000000000${NONE}`],
    ['::', 4242, 0, true, `0a00109200000000${NONE}${NONE}00000000`],
    ['::1', 65535, 0, true, `0a00ffff00000000${NONE}000000000000000100000000`],
    ['fe80::1', 80, 2, true, `0a00005000000000fe80000000000000000000000000000102000000`],
    ['fe80::1', 80, 2, false, `000a005000000000fe80000000000000000000000000000100000002`],
  ])('%s port %i scope %i, little-endian %s', (address, port, scope, littleEndian, expected) => {
    expect(hex(encodeSockaddr(endpoint(address, port), scope, families, littleEndian))).toBe(expected);
  });
});

describe('decodeSockaddr', () => {
  it.each([
    ['no bytes', 0, families.AF_INET],
    ['an IPv4 address cut short', 15, families.AF_INET],
    ['an IPv6 address cut short', 27, families.AF_INET6],
    ['another family', 110, 1],
  ])('does not know %s', (_, size, family) => {
    const bytes = new Uint8Array(size);
    if (size > 1) new DataView(bytes.buffer).setUint16(0, family, true);
    expect(decodeSockaddr(bytes, families, true)).toBeUndefined();
  });

  it('reads from the middle of a larger buffer', () => {
    const large = new Uint8Array(64);
    large.set(encodeSockaddr(endpoint('192.0.2.9', 99), 0, families), 20);
    expect(decodeSockaddr(large.subarray(20, 36), families)).toEqual(endpoint('192.0.2.9', 99));
  });
});

describe('formatEndpoint', () => {
  it.each([
    ['127.0.0.1', 80, '127.0.0.1:80'],
    ['::', 4242, '[::]:4242'],
    ['fe80::1%eth0', 0, '[fe80::1%eth0]:0'],
  ])('%s and %i', (address, port, expected) => {
    expect(formatEndpoint(endpoint(address, port))).toBe(expected);
  });
});
