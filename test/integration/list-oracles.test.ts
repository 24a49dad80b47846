import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseAddress, parsePrefix } from '../../src/net/index.js';
import { AddressSetBuilder, parseSetFile } from '../../src/policy/index.js';
import { formatSet } from '../support/address-text.js';
import { makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';

const LISTS = 'test/fixtures/lists';
const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-lists-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Spellings of a list that neither of the tools knows, as they know them. */
const SPELLINGS: readonly (readonly [string | RegExp, string])[] = [
  ['10/8', '10.0.0.0/8'],
  ['192.168.*', '192.168.0.0/16'],
  ['198.18.4.*', '198.18.4.0/24'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
];
const ADDRESS4 = String.raw`\d+\.\d+\.\d+\.\d+`;
const ADDRESS6 = String.raw`[\da-fA-F:]*::[\da-fA-F:]*`;

/** All that looks like an entry in a list of any format, found without reading it. */
function entriesOf(file: string, address: string): string[] {
  const text = SPELLINGS.reduce(
    (sum, [from, to]) => sum.replaceAll(from, to),
    readFileSync(`${LISTS}/${file}`, 'latin1'),
  ).replace(/(^|\s)(#|;|\/\/).*$/gm, '');
  const entry = new RegExp(`(?<![\\w.:])${address}(?:/[\\d.]+|-${address})?(?![\\w.:])`, 'g');
  return [...text.matchAll(entry)].map(([found]) => found);
}

const rangesOf = (file: string) => formatSet(parseSetFile(readFileSync(`${LISTS}/${file}`), file).set) ?? [];
const lists = readdirSync(LISTS);

describeWith(['iprange'], 'the IPv4 addresses of a list', () => {
  it.each(lists)('%s are what iprange makes of its entries', (file) => {
    const entries = entriesOf(file, ADDRESS4);
    const path = join(directory, file);
    writeFileSync(path, `${entries.join('\n')}\n`);
    const ranges = execFileSync('iprange', [path, '--print-ranges'], { encoding: 'utf8', stdio: 'pipe' });
    const ours = rangesOf(file).filter((range) => !range.includes(':'));
    expect(ours).toEqual(ranges.split('\n').filter((line) => line !== ''));
  });

  it('are in most of them', () => {
    expect(lists.filter((file) => entriesOf(file, ADDRESS4).length >= 8).length).toBeGreaterThanOrEqual(9);
  });
});

/** An element of a set as `nft --json` has it. */
type Element =
  | string
  | { readonly prefix: { readonly addr: string; readonly len: number } }
  | { readonly range: readonly [string, string] };

describeWith(['root', 'netns', 'nft'], 'the IPv6 addresses of a list', () => {
  const { server } = makeNetwork();
  const nft = (args: readonly string[], input?: string) => {
    const [program = '', ...command] = [...server, 'nft', ...args];
    return execFileSync(program, command, { input, encoding: 'utf8' });
  };

  it.each(lists.filter((file) => entriesOf(file, ADDRESS6).length > 0))(
    '%s are what nftables makes of its entries',
    (file) => {
      const entries = entriesOf(file, ADDRESS6).join(', ');
      nft(
        ['-f', '-'],
        `flush ruleset\ntable inet t { set s { type ipv6_addr; flags interval; auto-merge; elements = { ${entries} }; }; }\n`,
      );
      const { nftables } = JSON.parse(nft(['--json', 'list', 'set', 'inet', 't', 's'])) as {
        nftables: readonly { readonly set?: { readonly elem: readonly Element[] } }[];
      };
      const elements = nftables.flatMap(({ set }) => set?.elem ?? []);
      const builder = new AddressSetBuilder();
      for (const element of elements) builder.addBytes(...endsOf(element));
      const ours = rangesOf(file).filter((range) => range.includes(':'));
      expect(ours.length).toBeGreaterThan(0);
      expect(ours).toEqual(formatSet(builder.build()));
    },
  );

  it('are in most of them', () => {
    expect(lists.filter((file) => entriesOf(file, ADDRESS6).length >= 3).length).toBeGreaterThanOrEqual(7);
  });
});

function endsOf(element: Element): [readonly number[], readonly number[]] {
  if (typeof element === 'string') return [parseAddress(element).bytes, parseAddress(element).bytes];
  if ('range' in element) return [parseAddress(element.range[0]).bytes, parseAddress(element.range[1]).bytes];
  const { prefix } = parsePrefix(`${element.prefix.addr}/${element.prefix.len}`);
  const last = prefix.bytes.map(
    (byte, i) => byte | (0xff >> Math.min(8, Math.max(0, prefix.length - 8 * i))),
  );
  return [prefix.bytes, last];
}
