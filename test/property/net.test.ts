import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Address,
  decodeSockaddr,
  encodeSockaddr,
  formatAddress,
  formatPrefix,
  parseAddress,
  parsePrefix,
} from '../../src/net/index.js';

const bytes = (count: number) =>
  fc.array(fc.constantFrom(0, 0, 0, 1, 127, 255, 16), { minLength: count, maxLength: count });
const address4: fc.Arbitrary<Address> = bytes(4).map((bytes) => ({ family: 4, bytes, zone: '' }));
const address6: fc.Arbitrary<Address> = bytes(16).map((bytes) => ({ family: 6, bytes, zone: '' }));
const address = fc.oneof(address4, address6);
const zoned = fc
  .tuple(address6, fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/))
  .map(([address, zone]) => ({ ...address, zone }));
const port = fc.integer({ min: 0, max: 65535 });

it('parseAddress after formatAddress is the identity', () => {
  fc.assert(
    fc.property(fc.oneof(address, zoned), (address) => {
      expect(parseAddress(formatAddress(address))).toEqual(address);
    }),
  );
});

it('an IPv6 address is written as URLs write it', () => {
  fc.assert(
    fc.property(address6, (address) => {
      expect(`[${formatAddress(address)}]`).toBe(new URL(`http://[${formatAddress(address)}]`).hostname);
    }),
  );
});

it('parsePrefix after formatPrefix is the identity, and host bits are cleared', () => {
  fc.assert(
    fc.property(address, fc.nat(128), (address, length) => {
      const limited = address.family === 4 ? length % 33 : length;
      const { prefix, hostBits } = parsePrefix(`${formatAddress(address)}/${limited}`);
      expect(parsePrefix(formatPrefix(prefix))).toEqual({ prefix, hostBits: false });
      const bits = (bytes: readonly number[]) =>
        bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');
      const [given, taken] = [bits(address.bytes), bits(prefix.bytes)];
      expect(taken).toBe(given.slice(0, limited).padEnd(given.length, '0'));
      expect(hostBits).toBe(taken !== given);
    }),
  );
});

it('decodeSockaddr after encodeSockaddr is the identity', () => {
  const families = { AF_INET: 2, AF_INET6: 10 };
  fc.assert(
    fc.property(address, port, fc.nat(2 ** 31), fc.boolean(), (address, port, scope, littleEndian) => {
      const endpoint = { address, port };
      const sockaddr = encodeSockaddr(endpoint, scope, families, littleEndian);
      expect(decodeSockaddr(sockaddr, families, littleEndian)).toEqual(endpoint);
    }),
  );
});

it('no text makes the parsers throw anything but an AlfError', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.%/[\]]{0,45}$/));
  fc.assert(
    fc.property(text, (text) => {
      for (const parse of [parseAddress, parsePrefix]) {
        try {
          parse(text);
        } catch (error) {
          expect(error).toMatchObject({ name: 'AlfError', code: 'ALF_ADDRESS' });
        }
      }
    }),
    { numRuns: 2000 },
  );
});
