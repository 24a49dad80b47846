import { describe, expect, it } from 'vitest';
import { hasSlots, type MapKind, toHex } from '../../../../src/bpf/values/index.js';
import { opaqueType } from '../../../../src/bpf/values/value-type.js';
import { encode } from '../../support/entries.js';
import { failureOf } from '../../support/failure.js';
import { mapOf } from '../../support/objects.js';

const show = (...[map, text]: Parameters<typeof encode>) => {
  const { key, value, identity } = encode(map, text);
  return [toHex(key), toHex(value), identity];
};

describe('encodeEntry', () => {
  it.each([
    ['a hash', mapOf('hash', 'u8', 'u16'), '1,2', ['01', '0200', '01']],
    ['an LRU hash', mapOf('lru_hash', 'address4', 'u8'), '192.0.2.1,9', ['c0000201', '09', 'c0000201']],
    ['an array', mapOf('array', 'u32', 'portnumber'), '7,80', ['07000000', '0050', '07000000']],
    [
      'slots of a trie',
      mapOf('lpm_trie', 'subnet4', 'index'),
      '3,10.0.0.0/8',
      ['080000000a000000', '03000000', '03000000'],
    ],
    ['slots of a hash', mapOf('hash', 'interface', 'index'), '0,lo', ['01000000', '00000000', '00000000']],
    [
      'an array of ordinals, which has no slots',
      mapOf('array', 'u32', 'index'),
      '1,5',
      ['01000000', '05000000', '01000000'],
    ],
  ])('writes %s', (_, map, text, expected) => {
    expect(show(map, text)).toEqual(expected);
  });

  it.each([
    ['array', 'u32', 'index', false],
    ['hash', 'u32', 'index', true],
    ['lpm_trie', 'subnet6', 'index', true],
    ['hash', 'index', 'u32', false],
  ] as const)('%s of %s and %s: slots %s', (kind, key, value, expected) => {
    expect(hasSlots(mapOf(kind, key, value))).toBe(expected);
  });
});

describe('encodeEntry refuses', () => {
  const array = mapOf('array', 'u32', 'portnumber', 16);
  const trie = mapOf('lpm_trie', 'subnet4', 'index');

  it.each([
    [
      'a key behind an array',
      array,
      '16,80',
      'the key of map,16,80 is outside the array',
      'expected a number from 0 to 15',
    ],
    [
      'a large key',
      array,
      '4294967295,80',
      'the key of map,4294967295,80 is outside the array',
      'expected a number from 0 to 15',
    ],
    [
      'a key that is none',
      array,
      'x,80',
      'the key of map,x,80 is wrong: x is not a number',
      'expected a number from 0 to 4294967295',
    ],
    [
      'a slot that is none',
      trie,
      '10.0.0.0/8,0',
      'the slot of map,10.0.0.0/8,0 is wrong: 10.0.0.0/8 is not a number',
      'expected a number from 0 to 4294967295',
    ],
    [
      'an array with a key the kernel will not take',
      mapOf('array', 'u8', 'u8'),
      '0,1',
      'entries of map map cannot be set: the key of an array has 4 bytes, not 1',
      'declare it with __type(key, __u32)',
    ],
  ])('%s', (_, map, text, message, hint) => {
    expect(failureOf(() => encode(map, text))).toEqual({ code: 'ALF_ENTRY', message, hint });
  });

  const hash = mapOf('hash', 'u32', 'u32');

  it.each<[MapKind, string]>([
    ['prog_array', 'the values of a prog_array are programs'],
    ['array_of_maps', 'the values of an array_of_maps are maps'],
    ['hash_of_maps', 'the values of a hash_of_maps are maps'],
    ['queue', 'a queue has no keys'],
    ['stack', 'a stack has no keys'],
    ['bloom_filter', 'a bloom_filter has no keys'],
    ['ringbuf', 'a ringbuf is written by the program'],
    ['perf_event_array', 'a perf_event_array is written by the program'],
    ['sockmap', 'entries of a sockmap are not numbers and addresses'],
    ['unknown', 'its kind is not known here'],
  ])('a map of kind %s', (kind, why) => {
    expect(failureOf(() => encode({ ...hash, kind }, '0,0'))).toEqual({
      code: 'ALF_ENTRY',
      message: `entries of map map cannot be set: ${why}`,
    });
  });

  const nothing = opaqueType('', 'void', 0, 'only its size is declared');

  it.each([
    ['a key', { ...hash, key: nothing }, 'its key has no type and no size'],
    ['a value', { ...hash, value: nothing }, 'its value has no type and no size'],
  ])('%s of which nothing is declared', (_, map, why) => {
    expect(failureOf(() => encode(map, '0,0'))).toEqual({
      code: 'ALF_ENTRY',
      message: `entries of map map cannot be set: ${why}`,
    });
  });
});
