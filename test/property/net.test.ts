import fc from 'fast-check';
import { Address4, Address6 } from 'ip-address';
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

/** Texts that look like IPv6 addresses, most of which are some. */
const group = fc.oneof(
  fc.constantFrom('', '0', '0000', '00001', 'g'),
  fc.stringMatching(/^[0-9a-fA-F]{1,4}$/),
);
const groups = fc.tuple(fc.array(group, { maxLength: 9 }), fc.constantFrom('', '::', ':', '192.0.2.1'));
const likeAddress6 = fc.oneof(
  groups.map(([groups, end]) => [...groups, end].join(':')),
  fc
    .tuple(fc.array(group, { maxLength: 5 }), fc.array(group, { maxLength: 5 }))
    .map((both) => both.map((part) => part.join(':')).join('::')),
);

it('ip-address accepts and formats the same IPv6 addresses', () => {
  fc.assert(
    fc.property(
      likeAddress6.filter((text) => text.includes(':')),
      (text) => {
        const read = readOrUndefined(text);
        expect(read !== undefined).toBe(Address6.isValid(text));
        if (read !== undefined) expect(formatAddress(read)).toBe(new Address6(text).correctForm());
      },
    ),
    { numRuns: 2000 },
  );
});

it('ip-address accepts the same IPv4 addresses, except leading zeros and omitted parts', () => {
  const part = fc.oneof(
    fc.nat(300).map(String),
    fc.constantFrom('', '00', '01', '0x1', '256', '999', '1000'),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const text = parts.join('.');
      const read = readOrUndefined(text);
      const plain = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d*)$/.test(part));
      expect(read !== undefined).toBe(plain && Address4.isValid(text));
      if (read !== undefined) expect(read.bytes).toEqual(new Address4(text).toArray());
    }),
    { numRuns: 2000 },
  );
});

function readOrUndefined(text: string): Address | undefined {
  try {
    return parseAddress(text);
  } catch {
    return undefined;
  }
}

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

it('the parsers throw only AlfError, for any text', () => {
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
