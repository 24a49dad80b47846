import { describe, expect, it } from 'vitest';
import { parseEntry } from '../../../src/bpf/values/index.js';
import { makePlan } from '../../../src/plan/index.js';
import { failureOf } from '../support/failure.js';
import { mapOf, objectOf } from '../support/objects.js';
import { capabilitiesOf, configOf, filterOf } from '../support/plans.js';

const object = objectOf(
  { ...mapOf('lpm_trie', 'subnet4', 'index', 3), name: 'allow' },
  { ...mapOf('array', 'u32', 'portnumber', 16), name: 'ports' },
  { ...mapOf('hash', 'address4', 'u8', 2), name: 'seen' },
);

const plan = (...entries: readonly string[]) =>
  makePlan(configOf({ entries: entries.map(parseEntry) }), filterOf(object), capabilitiesOf());

/** `MAP:KEY=VALUE`, in hexadecimal digits. */
const planned = (...entries: readonly string[]) =>
  plan(...entries).filter.entries.map(({ map, key, value }) => `${map}:${key}=${value}`);

const A = '080000000a000000';
const B = '080000000b000000';

describe('entries', () => {
  it.each<[name: string, entries: readonly string[], expected: readonly string[]]>([
    ['none', [], []],
    ['one', ['allow,0,10.0.0.0/8'], [`allow:${A}=00000000`]],
    [
      'two slots',
      ['allow,0,10.0.0.0/8', 'allow,1,11.0.0.0/8'],
      [`allow:${A}=00000000`, `allow:${B}=01000000`],
    ],
    [
      'a slot twice: the later one counts',
      ['allow,0,10.0.0.0/8', 'allow,0,11.0.0.0/8'],
      [`allow:${B}=00000000`],
    ],
    ['a slot twice, typed', ['allow,0,10.0.0.0/8', 'allow,uint32_t:00,11.0.0.0/8'], [`allow:${B}=00000000`]],
    [
      'a slot back and forth',
      ['allow,0,10.0.0.0/8', 'allow,0,11.0.0.0/8', 'allow,0,10.0.0.0/8'],
      [`allow:${A}=00000000`],
    ],
    ['a member in two slots', ['allow,0,10.0.0.0/8', 'allow,1,10.0.0.0/8'], [`allow:${A}=01000000`]],
    [
      'a member that leaves one of its two slots',
      ['allow,0,10.0.0.0/8', 'allow,1,10.0.0.0/8', 'allow,1,11.0.0.0/8'],
      [`allow:${A}=00000000`, `allow:${B}=01000000`],
    ],
    ['a key twice', ['ports,0,80', 'ports,0x0,443'], ['ports:00000000=01bb']],
    [
      'two maps',
      ['ports,1,80', 'seen,192.0.2.1,1', 'ports,0,80'],
      ['ports:01000000=0050', 'ports:00000000=0050', 'seen:c0000201=01'],
    ],
  ])('%s', (_, entries, expected) => {
    expect(planned(...entries)).toEqual(expected);
  });

  it('fill a map to its last place', () => {
    expect(planned('seen,192.0.2.1,1', 'seen,192.0.2.2,1')).toHaveLength(2);
    expect(planned('allow,7,10.0.0.0/8', 'allow,8,11.0.0.0/8', 'allow,900,12.0.0.0/8')).toHaveLength(3);
  });

  it('warn of host bits', () => {
    expect(plan('allow,0,127.0.0.1/24').warnings).toEqual([
      '127.0.0.1/24 has host bits set, taken as 127.0.0.0/24',
    ]);
  });
});

describe('entries are refused', () => {
  it.each([
    [
      'in a full map',
      ['seen,192.0.2.1,1', 'seen,192.0.2.2,1', 'seen,192.0.2.3,1'],
      'map seen is full: 3 entries for 2 places',
      'set fewer entries, or raise max_entries in the filter',
    ],
    [
      'for a map there is not',
      ['deny,0,10.0.0.0/8'],
      'the filter has no map deny',
      'its maps are: allow, ports, seen',
    ],
    [
      'behind an array',
      ['ports,16,80'],
      'the key of ports,16,80 is outside the array',
      'expected a number from 0 to 15',
    ],
    [
      'with a bad value, even if a later one replaces it',
      ['allow,0,10.0.0.0/33', 'allow,0,10.0.0.0/8'],
      'the value of allow,0,10.0.0.0/33 is wrong: 10.0.0.0/33 has the prefix length 33',
      'expected a number from 0 to 32 after the slash',
    ],
  ])('%s', (_, entries, message, hint) => {
    expect(failureOf(() => plan(...entries))).toEqual({ code: 'ALF_ENTRY', message, hint });
  });
});
