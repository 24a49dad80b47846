import { describe, expect, it } from 'vitest';
import { codecOf } from '../../../../src/bpf/values/index.js';
import { encodeValue } from '../../support/entries.js';
import { failureOf } from '../../support/failure.js';
import { typeOf } from '../../support/objects.js';

describe('a type in front of a value', () => {
  it.each([
    ['u8', 'uint8_t:5', '5'],
    ['u32', 'uint32_t:5', '5'],
    ['u32', '__u32:5', '5'],
    ['u32', 'u32:5', '5'],
    ['u32', 'index:5', '5'],
    ['index', 'uint32_t:5', '5'],
    ['index', 'index:5', '5'],
    ['u16', 'uint32_t:5', '5'],
    ['u32', 'int32_t:5', '5'],
    ['s8', 's8:-5', '-5'],
    ['s64', 'int64_t:-5', '-5'],
    ['u64', '__u64:0x10', '16'],
    ['address4', 'address4:192.0.2.1', '192.0.2.1'],
    ['address6', 'address6:::1', '::1'],
    ['subnet4', 'subnet4:127.0.0.0/24', '127.0.0.0/24'],
    ['subnet6', 'subnet6:::1/128', '::1/128'],
    ['interface', 'interface:lo', 'lo'],
    ['portnumber', 'portnumber:80', '80'],
  ])('%s takes %s', (type, typed, plain) => {
    expect(encodeValue(type, typed)).toBe(encodeValue(type, plain));
  });

  it.each([
    ['subnet4', 'subnet6:::1/128', 'subnet4', 'subnet6'],
    ['subnet4', 'address4:192.0.2.1', 'subnet4', 'address4'],
    ['subnet4', 'uint32_t:1', 'subnet4', 'uint32_t'],
    ['interface', 'index:1', 'interface', 'index'],
    ['portnumber', 'uint16_t:80', 'portnumber', 'uint16_t'],
    ['index', 'subnet4:10.0.0.0/8', 'index', 'subnet4'],
    ['u32', 'uint16_t:5', 'uint32_t', 'uint16_t'],
    ['index', 'uint8_t:0', 'index', 'uint8_t'],
    ['s64', 'int32_t:5', 'int64_t', 'int32_t'],
    ['u16', 'portnumber:80', 'uint16_t', 'portnumber'],
  ])('%s refuses %s', (type, typed, expected, given) => {
    expect(failureOf(() => encodeValue(type, typed))).toEqual({
      code: 'ALF_ENTRY',
      message: `the value of map,0,${typed} is wrong: its type is ${expected}, not ${given}`,
      hint: `expected ${codecOf(typeOf(type)).expects}`,
    });
  });

  it.each([
    ['u8', 'uint16_t:256', '256 is out of range', 'expected a number from 0 to 255'],
    ['u32', 'int32_t:-1', '-1 is out of range', 'expected a number from 0 to 4294967295'],
    ['u32', 'uint32_t:', '"" is not a number', 'expected a number from 0 to 4294967295'],
    ['u32', 'uint32_t: 5', '" 5" is not a number', 'expected a number from 0 to 4294967295'],
    ['u32', 'int:5', 'int:5 is not a number', 'expected a number from 0 to 4294967295'],
    ['u32', 'uint24_t:5', 'uint24_t:5 is not a number', 'expected a number from 0 to 4294967295'],
    ['u32', 'constructor:5', 'constructor:5 is not a number', 'expected a number from 0 to 4294967295'],
    ['u32', ':5', ':5 is not a number', 'expected a number from 0 to 4294967295'],
    ['interface', 'eth0:1', 'no such network interface: eth0:1', 'see: ip link show'],
  ])('%s: %j is wrong behind it', (type, typed, reason, hint) => {
    const { code, message, hint: said } = failureOf(() => encodeValue(type, typed));
    expect([code, message.replace(/^.* is wrong: /, ''), said]).toEqual(['ALF_ENTRY', reason, hint]);
  });
});
