import { describe, expect, it } from 'vitest';
import { formatValue, parseValue, toHex, type ValueType } from '../../../../src/bpf/values/index.js';
import { machine } from '../../support/entries.js';
import { failureOf } from '../../support/failure.js';
import { fixtureType, sessionType } from '../../support/fixture-types.js';

const pair = () => fixtureType('alf_sessions.key');
const mixed = () => fixtureType('alf_mixed.value');
const bits = () => fixtureType('alf_bits.value');
const sizes = () => fixtureType('alf_sizes.key');
const character = () => fixtureType('alf_words.value');
const pointer = () => fixtureType('alf_pointers.value');
const member = (name: string) => () => sessionType(name);

const PAIR = '0100000002000000';

describe('a value', () => {
  /** Text, its bytes, and the text that is written for the bytes where it is another one. */
  it.each<[type: () => ValueType, text: string, hex: string, canonical?: string]>([
    [member('src'), '192.0.2.1', 'c0000201'],
    [member('src'), 'number:1', '01000000', '1.0.0.0'],
    [member('src'), 'uint32_t:192.0.2.1', 'c0000201', '192.0.2.1'],
    [member('dst'), '255.255.255.255', 'ffffffff'],
    [member('port'), '80', '0050'],
    [member('length'), '258', '0102'],
    [member('length'), 'number:258', '0201', '513'],
    [member('length'), 'little:258', '0201', '513'],
    [member('length'), 'port:80', '0050', '80'],
    [member('sequence'), '258', '02010000'],
    [member('sequence'), 'big:258', '00000102', '33619968'],
    [member('sequence'), 'ipv4:10.0.0.1', '0a000001', '16777226'],
    [member('mac'), '02:00:5e:00:53:01', '02005e005301'],
    [member('mac'), '02:00:5E:00:53:FF', '02005e0053ff', '02:00:5e:00:53:ff'],
    [member('gateway'), 'ff:ff:ff:ff:ff:ff', 'ffffffffffff'],
    [member('many'), '{192.0.2.1;192.0.2.2}', 'c0000201c0000202'],
    [member('many'), '{}', '0000000000000000', '{0.0.0.0;0.0.0.0}'],
    [member('device'), 'eth0', '02000000'],
    [member('device'), 'hex:09000000', '09000000'],
    [member('device'), 'number:1', '01000000', 'lo'],
    [member('cookie'), 'abc', '61626300'],
    [member('cookie'), 'text:abcd', '61626364', 'abcd'],
    [member('name'), 'eth0', '6574683000000000'],
    [member('name'), 'a b=c', '6120623d63000000', '"a b=c"'],
    [member('name'), '"a;b}\\"\\\\"', '613b627d225c0000'],
    [member('name'), '"\\x00\\xff"', '00ff000000000000'],
    [member('name'), '"a,b#"', '612c622300000000', '"a\\x2cb\\x23"'],
    [member('name'), 'ü', 'c3bc000000000000', '"\\xc3\\xbc"'],
    [member('name'), '""', '0000000000000000'],
    [member('name'), '"hex:00"', '6865783a30300000'],
    [member('name'), '12345678', '3132333435363738'],
    [character, 'x', '78'],
    [character, '5', '35'],
    [character, 'number:5', '05', '"\\x05"'],
    [character, '"\\x00"', '00'],
    [character, '" "', '20'],
    [member('open'), 'true', '01'],
    [member('open'), 'false', '00'],
    [member('open'), '1', '01', 'true'],
    [member('open'), 'hex:02', '02'],
    [member('color'), 'GREEN', '05000000'],
    [member('color'), 'BLUE', 'ffffffff'],
    [member('color'), '5', '05000000', 'GREEN'],
    [member('color'), '0x5', '05000000', 'GREEN'],
    [member('color'), '-1', 'ffffffff', 'BLUE'],
    [member('color'), '4294967295', 'ffffffff', 'BLUE'],
    [member('color'), 'hex:01000000', '01000000'],
    [member('tiny'), 'ON', '01'],
    [member('pairs'), '{{1;2};{a=3}}', `${PAIR}0300000000000000`, '{{a=1;b=2};{a=3;b=0}}'],
    [member('grid'), '{{1;2;3};{4;5;6}}', '010002000300040005000600'],
    [member('grid'), '{{};{1;2;3}}', '000000000000010002000300', '{{0;0;0};{1;2;3}}'],
    [member('offset'), '-9223372036854775808', '0000000000000080'],
    [member('x'), '-128', '80'],
    [member('net'), '2001:db8::/32', `2000000020010db8${'00'.repeat(12)}`],
    [member('net'), `hex:ff000000${'00'.repeat(16)}`, `ff000000${'00'.repeat(16)}`],
    [member('net'), `hex:00000000${'01'.repeat(16)}`, `00000000${'01'.repeat(16)}`],
    [member('peer'), '::1', `${'00'.repeat(15)}01`],
    [member('wide'), '340282366920938463463374607431768211455', 'ff'.repeat(16)],
    [member('wide'), 'ipv6:::1', `${'00'.repeat(15)}01`, String(1n << 120n)],
    [pair, '{a=1;b=2}', PAIR],
    [pair, '{1;2}', PAIR, '{a=1;b=2}'],
    [pair, ' { a = 1 ; b = 0x2 } ', PAIR, '{a=1;b=2}'],
    [pair, '{b=2;a=1}', PAIR, '{a=1;b=2}'],
    [pair, '{b=2}', '0000000002000000', '{a=0;b=2}'],
    [pair, '{}', '0000000000000000', '{a=0;b=0}'],
    [pair, '{hex:01;uint64_t:2}', PAIR, '{a=1;b=2}'],
    [pair, 'hex:01ff000002000000', '01ff000002000000'],
    [mixed, '{kind=1;value=hex:0102030405060708}', '010000000102030405060708'],
    [bits, 'hex:01020304', '01020304'],
    [sizes, 'hex:0001020304050607', '0001020304050607'],
    [sizes, 'hex:AABBCCDDEEFF0011', 'aabbccddeeff0011', 'hex:aabbccddeeff0011'],
    [pointer, 'hex:0000000000000000', '0000000000000000'],
    [() => fixtureType('alf_counters.value'), '{packets=1}', `01${'00'.repeat(15)}`, '{packets=1;bytes=0}'],
  ])('%#: %s', (type, text, hex, canonical) => {
    const bytes = parseValue(type(), text, machine());
    expect(toHex(bytes)).toBe(hex);
    expect(formatValue(type(), bytes, machine())).toBe(canonical ?? text);
  });

  it('of a whole struct reads as it is written', () => {
    const text =
      '{src=192.0.2.1;dst=192.0.2.2;port=80;length=1;sequence=2;mac=02:00:5e:00:53:01;gateway=00:00:00:00:00:00;' +
      'many={0.0.0.0;10.0.0.1};device=lo;cookie=ab;name=web;mark=x;open=true;color=GREEN;size=4294967296;tiny=ON;' +
      'pairs={{a=1;b=2};{a=3;b=4}};grid={{1;2;3};{4;5;6}};offset=-1;x=-2;y=-3;net=2001:db8::/32;peer=::1;wide=7}';
    const type = fixtureType('alf_sessions.value');
    // From clang 15 on the values of an enumeration of 64 bits are known.
    const canonical = member('size')().kind === 'enum' ? text.replace('4294967296', 'HUGE') : text;
    expect(formatValue(type, parseValue(type, text, machine()), machine())).toBe(canonical);
  });

  it('is in the byte order of the machine where none is declared', () => {
    const big = machine(false);
    const hexOf = (type: ValueType, text: string) => toHex(parseValue(type, text, big));
    expect(hexOf(pair(), '{1;2}')).toBe('0100000000000002');
    expect(hexOf(sessionType('length'), '258')).toBe('0102');
    expect(hexOf(sessionType('sequence'), '258')).toBe('02010000');
    expect(hexOf(sessionType('color'), 'GREEN')).toBe('00000005');
    expect(hexOf(sessionType('src'), '192.0.2.1')).toBe('c0000201');
  });
});

const QUOTES = 'expected "…", in it \\" for a quote, \\\\ for a backslash, \\xNN for any byte';
const PREFIX6 = 'expected an IPv6 prefix (2001:db8::/32)';

describe('a value is refused', () => {
  it.each<[type: () => ValueType, text: string, message: string, hint: string]>([
    [member('src'), '::1', '::1 is not an IPv4 address', 'expected an IPv4 address'],
    [
      member('src'),
      'localhost',
      'localhost is not an IP address',
      'expected IPv4 (192.0.2.1) or IPv6 (2001:db8::1)',
    ],
    [member('src'), 'ipv6:::1', 'ipv6 is not a notation for alf_ipv4 (4 bytes)', 'expected an IPv4 address'],
    [member('src'), 'text:abcd', 'text is not a notation for alf_ipv4 (4 bytes)', 'expected an IPv4 address'],
    [
      member('src'),
      'hex:0a',
      '2 digits are not alf_ipv4 (4 bytes)',
      'expected hex: and 8 hexadecimal digits',
    ],
    [member('src'), 'hex:', '0 digits are not alf_ipv4 (4 bytes)', 'expected hex: and 8 hexadecimal digits'],
    [member('src'), 'hex:0x0a0000', '0x0a0000 is not hexadecimal', 'expected hex: and 8 hexadecimal digits'],
    [member('port'), '65536', '65536 is not a port', 'expected a number from 0 to 65535'],
    [member('length'), '65536', '65536 is out of range', 'expected a number from 0 to 65535'],
    [
      member('mac'),
      '02:00:5e:00:53',
      '02:00:5e:00:53 is not a MAC address',
      'expected a MAC address (02:00:5e:00:53:01)',
    ],
    [
      member('mac'),
      '02-00-5e-00-53-01',
      '02-00-5e-00-53-01 is not a MAC address',
      'expected a MAC address (02:00:5e:00:53:01)',
    ],
    [member('device'), 'eth9', 'no such network interface: eth9', 'see: ip link show'],
    [member('name'), '123456789', '123456789 has 9 bytes', 'expected text of up to 8 bytes'],
    [member('name'), 'üüüüü', '"üüüüü" has 10 bytes', 'expected text of up to 8 bytes'],
    [member('name'), 'a;b', '"a;b" has to be written in quotes', QUOTES],
    [member('name'), 'a\\b', '"a\\\\b" has to be written in quotes', QUOTES],
    [member('name'), '\ufffd', '"\ufffd" has to be written in quotes', QUOTES],
    [member('name'), '"a', '"\\"a" is not quoted text', QUOTES],
    [member('name'), '"a"b', '"\\"a\\"b" is not quoted text', QUOTES],
    [member('name'), '"\\n"', '"\\"\\\\n\\"" is not quoted text', QUOTES],
    [member('name'), '"\\x1"', '"\\"\\\\x1\\"" is not quoted text', QUOTES],
    [character, 'xy', 'xy has 2 bytes', 'expected a character'],
    [character, '""', '"\\"\\"" is not a character', 'expected a character'],
    [character, 'int8_t:5', 'its type is char, not int8_t', 'expected a character'],
    [member('open'), 'yes', 'yes is neither true nor false', 'expected true or false'],
    [member('open'), '2', '2 is neither true nor false', 'expected true or false'],
    [
      member('color'),
      'green',
      "green is not one of the enumeration's values",
      'expected one of: RED, GREEN, BLUE',
    ],
    [member('color'), '1', "1 is not one of the enumeration's values", 'expected one of: RED, GREEN, BLUE'],
    [
      member('color'),
      '4294967301',
      "4294967301 is not one of the enumeration's values",
      'expected one of: RED, GREEN, BLUE',
    ],
    [member('net'), '10.0.0.0/8', '10.0.0.0/8 is not an IPv6 prefix', PREFIX6],
    [member('net'), 'subnet4:10.0.0.0/8', 'its type is subnet6, not subnet4', PREFIX6],
    [member('wide'), '-1', '-1 is out of range', `expected a number from 0 to ${2n ** 128n - 1n}`],
    [
      member('many'),
      '192.0.2.1',
      '192.0.2.1 does not start with {',
      'expected {…} with 2 values, each an IPv4 address',
    ],
    [
      member('many'),
      '{192.0.2.1}',
      'there is 1 value for the 2 of __be32[2] (8 bytes)',
      'expected {…} with 2 values, each an IPv4 address',
    ],
    [
      member('many'),
      '{192.0.2.1;192.0.2.2;192.0.2.3}',
      'there are 3 values for the 2 of __be32[2] (8 bytes)',
      'expected {…} with 2 values, each an IPv4 address',
    ],
    [member('many'), '{192.0.2.1;::1}', '[1]: ::1 is not an IPv4 address', 'expected an IPv4 address'],
    [
      member('many'),
      '{a=192.0.2.1;b=192.0.2.2}',
      'the elements of an array have no names, as a',
      'expected {…} with 2 values, each an IPv4 address',
    ],
    [member('pairs'), '{{1;2};{1;x}}', '[1]: b: x is not a number', 'expected a number from 0 to 4294967295'],
    [pair, '1', '1 does not start with {', 'expected {a=…;b=…}'],
    [pair, '{1;2', '"{1;2" has no } for each {', 'expected {a=…;b=…}'],
    [pair, '{1;{2}', '"{1;{2}" has no } for each {', 'expected {a=…;b=…}'],
    [pair, '{1;"2}', '"{1;\\"2}" has no } for each {', 'expected {a=…;b=…}'],
    [pair, '{1;2}}', '"{1;2}}" has text after its }', 'expected {a=…;b=…}'],
    [pair, '{1}', 'there is 1 value for the 2 of struct pair (8 bytes)', 'expected {a=…;b=…}'],
    [pair, '{1;2;}', 'there are 3 values for the 2 of struct pair (8 bytes)', 'expected {a=…;b=…}'],
    [pair, '{a=1;2}', '2 has no name, and other values have one', 'expected {a=…;b=…}'],
    [pair, '{a=1;c=2}', 'struct pair has no member c', 'expected {a=…;b=…}'],
    [pair, '{a=1;a=2}', 'a is given twice', 'expected {a=…;b=…}'],
    [pair, '{a=256}', 'a: 256 is out of range', 'expected a number from 0 to 255'],
    [pair, '{a=}', 'a: "" is not a number', 'expected a number from 0 to 255'],
    [pair, '{constructor=1}', 'struct pair has no member constructor', 'expected {a=…;b=…}'],
    [
      mixed,
      '{kind=1;value=5}',
      'value: 5 cannot be read as union either: it is a union',
      'expected hex: and 16 hexadecimal digits',
    ],
    [
      bits,
      '{1;2}',
      '"{1;2}" cannot be read as struct bits: it has bit-fields',
      'expected hex: and 8 hexadecimal digits',
    ],
    [
      () => fixtureType('alf_unnamed.value'),
      '{1}',
      '"{1}" cannot be read as struct unnamed: it has an unnamed member',
      'expected hex: and 16 hexadecimal digits',
    ],
    [
      sizes,
      '1',
      '1 cannot be read as void: only its size is declared',
      'expected hex: and 16 hexadecimal digits',
    ],
    [pointer, '0', '0 cannot be read as pointer: it is a pointer', 'expected hex: and 16 hexadecimal digits'],
  ])('%#: %s', (type, text, message, hint) => {
    const { code, ...said } = failureOf(() => parseValue(type(), text, machine()));
    expect(said).toEqual({ message, hint });
    expect(['ALF_ENTRY', 'ALF_ADDRESS']).toContain(code);
  });
});
