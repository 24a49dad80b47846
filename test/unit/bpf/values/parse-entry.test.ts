import { describe, expect, it } from 'vitest';
import { findMap, parseEntry } from '../../../../src/bpf/values/index.js';
import { failureOf } from '../../support/failure.js';
import { mapOf, objectOf } from '../../support/objects.js';

describe('parseEntry', () => {
  it.each([
    ['allow4,0,192.0.2.0/24', { map: 'allow4', key: '0', value: '192.0.2.0/24' }],
    ['allow6,uint32_t:0,subnet6:::1/128', { map: 'allow6', key: 'uint32_t:0', value: 'subnet6:::1/128' }],
    ['a,b=c,d e', { map: 'a', key: 'b=c', value: 'd e' }],
  ])('accepts %s', (text, expected) => {
    expect(parseEntry(text)).toEqual(expected);
  });

  it.each([
    ['nothing', '', '""'],
    ['no comma', 'allow4', 'allow4'],
    ['one comma', 'allow4,192.0.2.0/24', 'allow4,192.0.2.0/24'],
    ['three commas', 'allow4,0,10.0.0.0/8,192.168.0.0/16', 'allow4,0,10.0.0.0/8,192.168.0.0/16'],
    ['a comma at the end', 'allow4,0,', 'allow4,0,'],
    ['a fourth part that is empty', 'allow4,0,10.0.0.0/8,', 'allow4,0,10.0.0.0/8,'],
    ['an empty key', 'allow4,,10.0.0.0/8', 'allow4,,10.0.0.0/8'],
    ['an empty map', ',0,10.0.0.0/8', ',0,10.0.0.0/8'],
    ['semicolons', 'allow4;0;10.0.0.0/8', '"allow4;0;10.0.0.0/8"'],
    ['commas only', ',,', ',,'],
  ])('refuses %s', (_, text, shown) => {
    expect(failureOf(() => parseEntry(text))).toEqual({
      code: 'ALF_ENTRY',
      message: `${shown} is not a map entry`,
      hint: 'expected MAP,KEY,VALUE with exactly two commas, as in allow4,0,192.0.2.0/24',
    });
  });
});

describe('findMap', () => {
  const two = objectOf(
    { ...mapOf('hash', 'u32', 'u32'), name: 'one' },
    { ...mapOf('hash', 'u32', 'u32'), name: 'two' },
  );

  it('finds by the whole name', () => {
    expect(findMap(two, 'two').name).toBe('two');
  });

  it.each([
    ['tw', two, 'the filter has no map tw', 'its maps are: one, two'],
    ['TWO', two, 'the filter has no map TWO', 'its maps are: one, two'],
    ['a b', two, 'the filter has no map "a b"', 'its maps are: one, two'],
    ['one', objectOf(), 'the filter has no map one', 'this filter has no maps'],
  ])('refuses %s', (name, object, message, hint) => {
    expect(failureOf(() => findMap(object, name))).toEqual({ code: 'ALF_ENTRY', message, hint });
  });
});
