import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import {
  type AddressSet,
  complementSet,
  intersectSets,
  parseSetFile,
  setContains,
  unionSets,
} from '../../src/policy/index.js';
import { formatSet } from '../support/address-text.js';
import { makeNetwork } from '../support/network.js';
import { overlappingList, probesOf } from '../support/overlapping.js';
import { Random, seedOf } from '../support/random.js';
import { describeWith } from '../support/requires.js';
import { fixture } from '../support/run.js';

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-sets-'));
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, lines: readonly string[]): string {
  const file = join(directory, name);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

const setOf = (entries: readonly string[]): AddressSet =>
  parseSetFile(new TextEncoder().encode(entries.join('\n')), 'list').set;

describeWith(['iprange'], 'a set', () => {
  const iprange = (...args: string[]) =>
    execFileSync('iprange', [...args, '--print-ranges'], { encoding: 'utf8', stdio: 'pipe' })
      .split('\n')
      .filter((line) => line !== '');

  it('is what iprange makes of the same overlapping lists', () => {
    const random = new Random(seedOf('sets and iprange'));
    for (let round = 0; round < 60; round++) {
      const count = random.pick([1, 2, 5, 20, 100, 2000]);
      const [a, b] = [overlappingList(random, 4, count), overlappingList(random, 4, count)];
      const [fileA, fileB] = [write('a', a.entries), write('b', b.entries)];
      const [setA, setB] = [setOf(a.entries), setOf(b.entries)];
      const union = unionSets([setA, setB]);
      expect({ round, set: formatSet(setA) }).toEqual({ round, set: iprange(fileA) });
      expect({ round, set: formatSet(union) }).toEqual({ round, set: iprange(fileA, fileB) });
      expect(formatSet(setOf([...a.entries, ...b.entries]))).toEqual(formatSet(union));
      const common = intersectSets(setA, setB);
      expect({ round, set: formatSet(common) }).toEqual({ round, set: iprange('--common', fileA, fileB) });
      const rest = intersectSets(setA, complementSet(setB));
      expect({ round, set: formatSet(rest) }).toEqual({ round, set: iprange(fileA, '--except', fileB) });
    }
  });
});

describeWith(['root', 'netns', 'nft'], 'membership', () => {
  const network = makeNetwork();

  it.each([4, 6] as const)(
    'is what the interval sets of nftables say for 100,000 probes of IPv%i',
    (family) => {
      const random = new Random(seedOf(`membership of IPv${family}`));
      const list = overlappingList(random, family, 3000);
      const [type, header] = family === 4 ? ['ipv4_addr', 'ip'] : ['ipv6_addr', 'ip6'];
      const rules = write('rules.nft', [
        'flush ruleset',
        'table inet probe {',
        `  set members { type ${type}; flags interval; auto-merge; elements = { ${list.entries.join(', ')} } }`,
        '  chain leaving { type filter hook output priority 0; policy drop;',
        `    ${header} saddr @members accept`,
        '  }',
        // What has passed is not to be answered.
        '  chain coming { type filter hook prerouting priority -300; policy drop; }',
        '}',
      ]);
      const inside = (...command: string[]) => [...network.server, ...command] as [string, ...string[]];
      const call = (input: Uint8Array, [program, ...args]: [string, ...string[]]) =>
        execFileSync(program, args, { input, encoding: 'latin1', maxBuffer: 2 ** 24 });
      call(new Uint8Array(), inside('nft', '-f', rules));

      const probes = probesOf(random, family, list, 100_000);
      const answers = call(Uint8Array.from(probes.flat()), inside(fixture('probe-sources'), String(family)));
      const set = setOf(list.entries);
      const expected = probes.map((bytes) => setContains(set, family, bytes));
      const wrong = expected.findIndex((holds, i) => answers[i] !== (holds ? '1' : '0'));
      expect({ count: answers.length, wrong: probes[wrong] }).toEqual({
        count: probes.length,
        wrong: undefined,
      });
      const members = expected.filter((holds) => holds).length;
      console.log(`${members} of ${probes.length} are members`);
      // How many there are depends on the seed; none of a kind would prove nothing.
      expect(Math.min(members, probes.length - members)).toBeGreaterThan(probes.length / 200);
    },
  );
});
