import { describe, expect, it } from 'vitest';
import { describeObject, type ObjectSpec } from '../../../../src/bpf/object/index.js';
import { failureOf } from '../../support/failure.js';
import { SHIPPED, shippedObject } from '../../support/objects.js';

/** Maps as `name: kind(key → value) × entries`. */
const summary = (object: ObjectSpec) =>
  object.maps.map(
    ({ name, kind, key, value, maxEntries }) =>
      `${name}: ${kind}(${key.name} → ${value.name}) × ${maxEntries}`,
  );

const WHITELIST = [
  'allow4: lpm_trie(subnet4 → index) × 33554432',
  'allow6: lpm_trie(subnet6 → index) × 33554432',
];

describe('describeObject', () => {
  it.each([
    ['whitelist-private', []],
    ['whitelist', WHITELIST],
    ['subnets', WHITELIST],
    ['interfaces', ['interfaces: hash(interface → index) × 4096']],
    [
      'knocking',
      [
        'ports: array(unsigned int → portnumber) × 16',
        'progress: lru_hash(address6 → unsigned int) × 65536',
        'opened: lru_hash(address6 → unsigned char) × 65536',
      ],
    ],
  ] as const)('reads %s', (name, expected) => {
    const object = describeObject(shippedObject(name));
    expect(summary(object)).toEqual(expected);
    expect(object.entry).toBe('filter');
    expect(object.littleEndian).toBe(true);
  });

  it('is given every shipped filter above', () => {
    expect(SHIPPED).toHaveLength(5);
  });
});

/** An object with some bytes changed. */
function patched(at: number, ...bytes: readonly number[]): Uint8Array {
  const object = Uint8Array.from(shippedObject('whitelist'));
  object.set(bytes, at);
  return object;
}

/** An object in which every string that ends so ends in another way, of the same length. */
function renamed(from: string, to: string): Uint8Array {
  const text = Buffer.from(shippedObject('whitelist')).toString('latin1');
  return Buffer.from(text.replaceAll(`${from}\0`, `${to}\0`), 'latin1');
}

const COMPILE = 'expected what "clang -target bpf -g -O2 -c FILTER.c -o FILTER.bpf.o" makes';
const AGAIN = 'compile the object again';

describe('describeObject refuses', () => {
  it.each<[name: string, file: Uint8Array, message: string, hint: string]>([
    ['an empty file', new Uint8Array(), 'the file is empty', COMPILE],
    ['a C source', Buffer.from('int filter(void) {}'), 'the file is not an ELF object', COMPILE],
    ['three bytes of ELF', Uint8Array.of(0x7f, 0x45, 0x4c), 'the file is not an ELF object', COMPILE],
    ['a 32-bit object', patched(4, 1), 'the object is not 64-bit', COMPILE],
    ['an object for another machine', patched(18, 62, 0), 'the object is not for the BPF machine', COMPILE],
    [
      'a header alone',
      shippedObject('whitelist').subarray(0, 64),
      'the ELF object is damaged or cut short',
      AGAIN,
    ],
    [
      'a lost tail',
      shippedObject('whitelist').subarray(0, -40),
      'the ELF object is damaged or cut short',
      AGAIN,
    ],
    ['no section names', patched(62, 0xff, 0xff), 'the object has no section names', COMPILE],
    ['maps without BTF', renamed('.BTF', '.BTX'), 'the object has maps but no BTF', 'compile it with -g'],
  ])('%s', (_, file, message, hint) => {
    expect(failureOf(() => describeObject(file))).toEqual({ code: 'ALF_OBJECT', message, hint });
  });

  it('names that could steer the terminal they are printed on', () => {
    expect(failureOf(() => describeObject(renamed('allow4', 'al\u001b[4m')))).toEqual({
      code: 'ALF_OBJECT',
      message: 'the BTF of the object has the name "al\\u001b[4m", with a control character',
      hint: 'no compiler makes such a name: do not trust this file',
    });
  });
});
