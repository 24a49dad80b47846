import { describe, expect, it } from 'vitest';
import { encodeValue, machine } from '../../support/entries.js';
import { failureOf } from '../../support/failure.js';

const LIMITS: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = {
  u8: [0n, 255n],
  u16: [0n, 65535n],
  u32: [0n, 4294967295n],
  u64: [0n, 18446744073709551615n],
  s8: [-128n, 127n],
  s16: [-32768n, 32767n],
  s32: [-2147483648n, 2147483647n],
  s64: [-9223372036854775808n, 9223372036854775807n],
};

describe.each(Object.entries(LIMITS))('%s', (type, [least, most]) => {
  const bits = Number(type.slice(1));
  const littleEndian = (value: bigint) => {
    const digits = BigInt.asUintN(bits, value)
      .toString(16)
      .padStart(bits / 4, '0');
    return Buffer.from(digits, 'hex').reverse().toString('hex');
  };

  it.each([
    [String(least), least],
    [String(most), most],
    ['1', 1n],
    ['010', 10n],
    ['0x7f', 127n],
    ['0X0a', 10n],
    ['-0', 0n],
  ])('takes %s', (text, value) => {
    expect(encodeValue(type, text)).toBe(littleEndian(value));
  });

  it.each([
    [String(least - 1n), 'is out of range'],
    [String(most + 1n), 'is out of range'],
    ['99999999999999999999999', 'is out of range'],
    ['0x10000000000000000', 'is out of range'],
    ['1.0', 'is not a number'],
    ['1e2', 'is not a number'],
    ['+1', 'is not a number'],
    ['-0x1', 'is not a number'],
    ['0b1', 'is not a number'],
    ['0x', 'is not a number'],
    ['ten', 'is not a number'],
    ['10s', 'is not a number'],
  ])('refuses %s', (text, what) => {
    expect(failureOf(() => encodeValue(type, text))).toEqual({
      code: 'ALF_ENTRY',
      message: `the value of map,0,${text} is wrong: ${text} ${what}`,
      hint: `expected a number from ${least} to ${most}`,
    });
  });
});

it('follows the byte order of the object', () => {
  expect(encodeValue('u32', '258', machine(true))).toBe('02010000');
  expect(encodeValue('u32', '258', machine(false))).toBe('00000102');
  expect(encodeValue('s16', '-2', machine(false))).toBe('fffe');
});

it('shows spaces in a number', () => {
  expect(failureOf(() => encodeValue('u8', ' 1')).message).toBe(
    'the value of "map,0, 1" is wrong: " 1" is not a number',
  );
});
