import { describe, expect, it } from 'vitest';
import { parsePort } from '../../../src/net/index.js';
import { failureOf } from '../support/failure.js';

describe('parsePort', () => {
  it.each([
    ['0', 0],
    ['1', 1],
    ['080', 80],
    ['4242', 4242],
    ['65535', 65535],
  ])('accepts %s', (text, expected) => {
    expect(parsePort(text)).toBe(expected);
  });

  it.each([
    ['', '""'],
    ['65536', '65536'],
    ['99999', '99999'],
    ['100000', '100000'],
    ['-1', '-1'],
    ['+80', '+80'],
    ['80 ', '"80 "'],
    ['8o', '8o'],
    ['0x50', '0x50'],
    ['1e3', '1e3'],
    ['80.0', '80.0'],
    ['80,443', '80,443'],
    ['http', 'http'],
    ['80\n', String.raw`"80\n"`],
  ])('refuses %j', (text, shown) => {
    expect(failureOf(() => parsePort(text))).toEqual({
      code: 'ALF_ADDRESS',
      message: `${shown} is not a port`,
      hint: 'expected a number from 0 to 65535',
    });
  });
});
