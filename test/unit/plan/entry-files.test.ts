import { describe, expect, it } from 'vitest';
import { parseEntry } from '../../../src/bpf/values/index.js';
import { type EntryFile, makePlan } from '../../../src/plan/index.js';
import { failureOf } from '../support/failure.js';
import { mapOf, objectOf } from '../support/objects.js';
import { capabilitiesOf, configOf, filterOf } from '../support/plans.js';

const object = objectOf(
  { ...mapOf('hash', 'address4', 'index', 8), name: 'allow' },
  { ...mapOf('array', 'u32', 'portnumber', 16), name: 'ports' },
);

const fileOf = (map: string, lines: readonly string[], file = 'list'): EntryFile => ({
  map,
  file,
  lines: lines.map((text, i) => ({ line: i + 1, text })),
  quotable: true,
});

const plan = (entryFiles: readonly EntryFile[], entries: readonly string[] = []) =>
  makePlan(configOf({ entryFiles, entries: entries.map(parseEntry) }), filterOf(object), capabilitiesOf());

/** `192.0.2.N` → slot, as `N@SLOT`. */
const slots = (entryFiles: readonly EntryFile[], entries: readonly string[] = []) =>
  plan(entryFiles, entries).filter.entries.map(
    ({ key, value }) => `${Number.parseInt(key.slice(-2), 16)}@${Number.parseInt(value.slice(0, 2), 16)}`,
  );

describe('members without a slot', () => {
  it.each<[name: string, lines: readonly string[], expected: readonly string[]]>([
    ['are numbered from 0', ['192.0.2.1', '192.0.2.2'], ['1@0', '2@1']],
    ['keep clear of slots named before', ['0,192.0.2.1', '192.0.2.2', '192.0.2.3'], ['1@0', '2@1', '3@2']],
    ['skip a named slot further on', ['1,192.0.2.1', '192.0.2.2', '192.0.2.3'], ['1@1', '2@0', '3@2']],
    ['keep clear of a slot spelled 00', ['00,192.0.2.1', '192.0.2.2'], ['1@0', '2@1']],
    ['keep clear of a slot spelled 0x0', ['0x0,192.0.2.1', '192.0.2.2'], ['1@0', '2@1']],
    ['keep clear of a typed slot', ['uint32_t:0,192.0.2.1', '192.0.2.2'], ['1@0', '2@1']],
    ['are replaced by a later line for their slot', ['192.0.2.1', '0,192.0.2.2'], ['2@0']],
    ['may be typed', ['address4:192.0.2.1'], ['1@0']],
    ['may have spaces around the comma', ['5 , 192.0.2.1'], ['1@5']],
  ])('%s', (_, lines, expected) => {
    expect(slots([fileOf('allow', lines)])).toEqual(expected);
  });

  it('of a second file come behind those of the first', () => {
    const first = fileOf('allow', ['192.0.2.1', '192.0.2.2'], 'first');
    const second = fileOf('allow', ['192.0.2.3', '192.0.2.4'], 'second');
    expect(slots([first, second])).toEqual(['1@0', '2@1', '3@2', '4@3']);
  });

  it('are replaced by the command line', () => {
    expect(slots([fileOf('allow', ['192.0.2.1', '192.0.2.2'])], ['allow,0,192.0.2.9'])).toEqual([
      '9@0',
      '2@1',
    ]);
  });
});

describe('lines are refused', () => {
  it.each([
    [
      'allow',
      ['192.0.2.1', 'x'],
      'list:2: the value of allow,1,x is wrong: x is not an IP address',
      'expected IPv4 (192.0.2.1) or IPv6 (2001:db8::1)',
    ],
    ['allow', ['1,2,3'], 'list:1: 1,2,3 is not an entry of map allow', 'expected VALUE or SLOT,VALUE'],
    ['allow', ['1,'], 'list:1: 1, is not an entry of map allow', 'expected VALUE or SLOT,VALUE'],
    [
      'allow',
      [',192.0.2.1'],
      'list:1: ,192.0.2.1 is not an entry of map allow',
      'expected VALUE or SLOT,VALUE',
    ],
    [
      'allow',
      ['192.0.2.1 192.0.2.2'],
      'list:1: the value of "allow,0,192.0.2.1 192.0.2.2" is wrong: "192.0.2.1 192.0.2.2" is not an IP address',
      'expected IPv4 (192.0.2.1) or IPv6 (2001:db8::1)',
    ],
    ['ports', ['80'], 'list:1: 80 is not an entry of map ports', 'expected KEY,VALUE'],
    [
      'ports',
      ['0,80', '16,80'],
      'list:2: the key of ports,16,80 is outside the array',
      'expected a number from 0 to 15',
    ],
    ['deny', ['0,80'], 'the filter has no map deny', 'its maps are: allow, ports'],
  ])('%s: %j', (map, lines, message, hint) => {
    expect(failureOf(() => plan([fileOf(map, lines)]))).toEqual({ code: 'ALF_ENTRY', message, hint });
  });

  it('keep the line and the hint of a type that does not fit', () => {
    expect(failureOf(() => plan([fileOf('allow', ['subnet4:10.0.0.0/8'])]))).toEqual({
      code: 'ALF_ENTRY',
      message: 'list:1: the value of allow,0,subnet4:10.0.0.0/8 is wrong: its type is address4, not subnet4',
      hint: 'expected an IPv4 address',
    });
  });
});

it.each([[['x']], [['a,b,c']]])(
  'a line of a file that is not readable to others is not quoted: %j',
  (lines) => {
    const { message } = failureOf(() => plan([{ ...fileOf('allow', lines), quotable: false }]));
    expect(message).toBe(
      'list:1: not an entry of the map, and not quoted because the file is not readable to others',
    );
  },
);

it('host bits of many entries are told once, with their number', () => {
  const lines = Array.from({ length: 9000 }, (_, i) => `${i % 8},10.0.0.${i % 200}/8`);
  const prefixes = objectOf({ ...mapOf('array', 'u32', 'subnet4', 8), name: 'nets' });
  const { warnings } = makePlan(
    configOf({ entryFiles: [fileOf('nets', lines.slice(1))] }),
    filterOf(prefixes),
    capabilitiesOf(),
  );
  expect(warnings).toEqual([
    '10.0.0.1/8 has host bits set, taken as 10.0.0.0/8 (the first of 8955 such entries)',
  ]);
});
