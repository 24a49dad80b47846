import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { expectServed, local, remote, type Visit } from '../support/attempts.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, run, start } from '../support/run.js';

const { server, client } = ADDRESS;

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-rules-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Writes a file for the tests here and says where. */
function file(name: string, ...lines: string[]): string {
  const path = join(directory, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

// The ways in: over the wire from two addresses of each family, and on the machine itself.
const near4 = remote(client.private4, server.private4);
const near6 = remote(client.private6, server.private6);
const far4 = remote(client.public4, server.public4);
const far6 = remote(client.public6, server.public6);
const self4 = local('127.0.0.1', '127.0.0.1');
const self6 = local('::1', '::1');
const ALL = [near4, near6, far4, far6, self4, self6];
const but = (...served: readonly Visit[]) => ALL.filter((visit) => !served.includes(visit));

file('offices.txt', '# one entry a line', '10.7.0.0-10.7.0.3', '', 'fd07::/64 # the new one');
const policyFile = file(
  'office.policy',
  'set offices file offices.txt',
  'set guests { 203.0.113.2, 2001:db8::2 }',
  'allow from @offices # ours',
  'default deny',
);
const setsFile = file(
  'guests.policy',
  'set guests { 203.0.113.0/29',
  '  2001:db8::/64 }',
  'deny from @guests',
  'default allow',
);

/** Rules, who is served by them and who is not. */
interface Case {
  readonly name: string;
  readonly rules: readonly string[];
  readonly served: readonly Visit[];
  readonly denied: readonly Visit[];
}

const rule = (...texts: readonly string[]) => texts.flatMap((text) => ['--rule', text]);
const only = (name: string, rules: readonly string[], ...served: readonly Visit[]): Case => ({
  name,
  rules,
  served,
  denied: but(...served),
});

const CASES: readonly Case[] = [
  only('an IPv4 prefix', ['--allow', '10.7.0.0/24'], near4),
  only('an IPv4 prefix written as IPv6', ['--allow', '::ffff:10.7.0.0/120'], near4),
  only('an IPv6 prefix', ['--allow', '2001:db8::/64'], far6),
  only('ranges of both families', ['--allow', '203.0.113.2-203.0.113.9,fd07::1-fd07::2'], far4, near6),
  only('a range that ends just before', ['--allow', '10.7.0.0-10.7.0.1,127.0.0.1'], self4),
  only('a word', ['--allow', 'localhost'], self4, self6),
  only('a set from a file', ['--policy', policyFile], near4, near6),
  only('a list of sets that is denied', ['--policy', setsFile], near4, near6, self4, self6),
  only('a list that is denied', ['--deny', '10.7.0.2', '--deny', 'fd07::2,::1'], far4, far6, self4),
  only('the first match: deny', ['--deny', '10.7.0.2', '--allow', '10.7.0.0/24,::1'], self6),
  only(
    'the first match: allow',
    ['--allow', '10.7.0.2', '--deny', '10.0.0.0/8', ...rule('default deny')],
    near4,
  ),
  only('default allow beside an allowed one', ['--allow', '::1', ...rule('default allow')], ...ALL),
  only('default deny beside a denied one', ['--deny', '::1', ...rule('default deny')]),
  only('an interface', rule('allow in on wire from 10.0.0.0/8'), near4),
  only('another interface', rule('deny in on wire'), self4, self6),
  only('a destination address', rule(`allow to ${server.public4},::1`), far4, self6),
  {
    name: 'source ports',
    rules: rule('deny from 203.0.113.2 port 2000-2009', 'allow from any port 2000-2019,65535'),
    served: [
      { ...near4, fromPort: 2000 },
      { ...near6, fromPort: 2019 },
      { ...far4, fromPort: 2010 },
      { ...far6, fromPort: 65535 },
    ],
    denied: [
      { ...near4, fromPort: 1999 },
      { ...near6, fromPort: 2020 },
      { ...far4, fromPort: 2009 },
      { ...far6, fromPort: 65534 },
    ],
  },
  {
    name: 'an interface, a source, a port and a destination at once',
    rules: rule('allow in on wire from 10.7.0.0/24 port 3000 to 10.7.0.1'),
    served: [{ ...near4, fromPort: 3000 }],
    denied: [
      { ...near4, fromPort: 3001 },
      { ...near6, fromPort: 3000 },
      { ...remote(client.public4, server.private4), fromPort: 3000 },
      { ...remote(client.private4, server.public4), fromPort: 3000 },
      { ...local(server.private4, server.private4), fromPort: 3000 },
    ],
  },
];

const WAYS = [
  ['ebpf', 'tcp'],
  ['ebpf', 'udp'],
  ['classic', 'tcp'],
  ['classic', 'udp'],
  ['steer', 'tcp'],
] as const;

describeWith(['root', 'bpf', 'netns'], 'rules', () => {
  const network = makeNetwork();
  let port = 5000;

  async function serve(tier: string, listen: readonly string[], rules: readonly string[]): Promise<string> {
    const specs = listen.flatMap((spec) => ['--listen', spec]);
    const argv = ['-v', '--tier', tier, ...specs, ...rules, '--', fixture('echo')];
    const daemon = start([...network.server, installed('alfwrapper'), ...argv]);
    await daemon.until(/ready/);
    return daemon.stderr();
  }

  for (const [tier, protocol] of WAYS) {
    it.each(CASES)(`on tier ${tier} over ${protocol}: $name`, async ({ rules, served, denied }) => {
      port++;
      expect(await serve(tier, [`${protocol}:${port}`], rules)).toContain(`: tier ${tier}, filter policy (`);
      await expectServed(network, served, denied, { port, protocol });
    });
  }

  it.each(['ebpf', 'classic', 'steer'])('on tier %s: destination ports, several listeners', async (tier) => {
    const [open, half, shut] = [6001, 6002, 6003];
    const listen = [`${open}`, `[::]:${half}`, `0.0.0.0:${shut}`];
    const rules = rule(`allow to any port ${open}`, `allow from 10.7.0.2 to any port ${half}-${half}`);
    const said = await serve(tier, listen, rules);
    expect(said.match(new RegExp(`: tier ${tier}, filter policy \\(`, 'g'))).toHaveLength(3);
    await expectServed(
      network,
      [...ALL.map((visit) => ({ ...visit, port: open })), { ...near4, port: half }],
      [near6, far4, self6]
        .map((visit) => ({ ...visit, port: half }))
        .concat([near4, self4].map((visit) => ({ ...visit, port: shut }))),
    );
  });

  it.each(['ebpf', 'classic'])('on tier %s: protocols', async (tier) => {
    const listen = ['tcp:6101', 'udp:6101', 'udp:6102'];
    const rules = rule(
      'allow proto udp from fd07::2',
      'allow proto tcp,udp from 10.7.0.2',
      'allow proto 17 from ::1',
    );
    await serve(tier, listen, rules);
    const tcp = { port: 6101 };
    const udp = { protocol: 'udp', port: 6101 } as const;
    const other = { protocol: 'udp', port: 6102 } as const;
    await expectServed(
      network,
      [
        { ...near4, ...tcp },
        { ...near4, ...udp },
        { ...near6, ...udp },
        { ...self6, ...udp },
        { ...near6, ...other },
      ],
      [
        { ...near6, ...tcp },
        { ...self6, ...tcp },
        { ...far4, ...tcp },
        { ...far4, ...udp },
        { ...self4, ...other },
      ],
    );
  });

  it('on tier steer: rules for another protocol match nobody', async () => {
    await serve('steer', ['6201'], rule('allow proto udp from 10.7.0.2', 'allow proto tcp from fd07::2'));
    await expectServed(network, [near6], but(near6), { port: 6201 });
  });

  it.each([
    ['ebpf', 'steer'],
    ['classic', 'ebpf'],
    ['steer', 'classic'],
  ])('of two launches keep apart: tier %s beside %s', async (first, second) => {
    await serve(first, ['6301'], ['--allow', '10.7.0.2']);
    await serve(second, ['6302'], ['--allow', 'fd07::2']);
    await expectServed(
      network,
      [
        { ...near4, port: 6301 },
        { ...near6, port: 6302 },
      ],
      [
        { ...near6, port: 6301 },
        { ...near4, port: 6302 },
      ],
    );
  });

  it('are refused on tier steer for UDP', async () => {
    const argv = ['--tier', 'steer', '--listen', 'udp:6401', '--allow', '::1', 'echo', 'ran'];
    expect(await run([...network.server, installed('alfwrapper'), ...argv])).toMatchObject({
      status: 125,
      stdout: '',
      stderr:
        'alfwrapper: unable to enforce a filter on udp [::]:6401: tier steer is for TCP\n' +
        '  hint: there is nothing to steer on datagram sockets; --tier classic needs no privilege there\n',
    });
  });
});
