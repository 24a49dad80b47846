import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeWith } from '../support/requires.js';
import { fixture, run } from '../support/run.js';
import { drive } from '../support/steer.js';
import { AS_NOBODY } from '../support/users.js';

type Tier = 'ebpf' | 'classic' | 'steer';

const IN_USE = 'EADDRINUSE';
const OK = 'succeeded';

/** Has a target do something, and returns what came of its last word. */
async function tryOut(
  tier: Tier,
  protocol: string,
  words: readonly string[],
  as: readonly string[] = [],
  options: readonly string[] = [],
) {
  const listeners = [`${protocol},0.0.0.0,0`];
  const { stdout, stderr } = await run(
    drive({ tier, listeners, as, options, target: [fixture('second-socket'), ...words] }),
    {
      cwd: '/',
    },
  );
  const word = words.at(-1) ?? '';
  return new RegExp(`^${word} (\\w+)$`, 'm').exec(stdout)?.[1] ?? stderr;
}

/** Outcomes on filtered TCP and UDP listeners, and on steer. */
const OUTCOMES: readonly (readonly [string, { tcp: string; udp: string; steer: string }])[] = [
  ['bind', { tcp: IN_USE, udp: IN_USE, steer: IN_USE }],
  ['bind-shared', { tcp: IN_USE, udp: IN_USE, steer: IN_USE }],
  ['bind-specific', { tcp: IN_USE, udp: IN_USE, steer: IN_USE }],
  ['user bind-specific', { tcp: IN_USE, udp: IN_USE, steer: IN_USE }],
  ['reuseport bind-shared', { tcp: OK, udp: OK, steer: IN_USE }],
  ['reuseport bind-specific', { tcp: OK, udp: OK, steer: IN_USE }],
  ['reuseport user bind-specific', { tcp: IN_USE, udp: IN_USE, steer: IN_USE }],
  ['reuseaddr bind-specific', { tcp: IN_USE, udp: OK, steer: IN_USE }],
  ['reuseaddr user bind-specific', { tcp: IN_USE, udp: OK, steer: IN_USE }],
  ['close bind-shared', { tcp: OK, udp: OK, steer: IN_USE }],
  ['close user bind-shared', { tcp: OK, udp: OK, steer: IN_USE }],
];

/** What the rows of the table in docs/tiers.md say of: a second socket of the same user, and of another one. */
const DOCUMENTED: Readonly<Record<string, readonly [string, string]>> = {
  'sets nothing': ['bind-specific', 'user bind-specific'],
  'sets SO_REUSEPORT': ['reuseport bind-specific', 'reuseport user bind-specific'],
  'sets SO_REUSEADDR': ['reuseaddr bind-specific', 'reuseaddr user bind-specific'],
  'closes it, then binds again': ['close bind-shared', 'close user bind-shared'],
};

/** The rows of that table: what the daemon does, then TCP, UDP, steer. */
function documentedRows(): [string, ...string[]][] {
  const text = readFileSync('docs/tiers.md', 'utf8');
  const [, table = ''] =
    /\n\| the daemon, on its listener \|[^\n]*\n[^\n]*\n((?:\|[^\n]*\n)+)/.exec(text) ?? [];
  return table
    .trimEnd()
    .split('\n')
    .map((row) => row.slice(2, -2).split(' | ') as [string, ...string[]]);
}

/** The word of that table for outcomes of the same user and of another. */
function wordFor(outcomes: readonly (string | undefined)[]): string {
  const [same, other] = outcomes.map((outcome) => outcome === OK);
  if (other) return 'bound by any user';
  return same ? 'bound by the same user' : 'refused';
}

describeWith(['root', 'bpf'], 'a second socket on the address of a filtered listener', () => {
  it.each(OUTCOMES)('%s', async (text, expected) => {
    const words = text.split(' ');
    for (const tier of ['ebpf', 'classic'] as const)
      for (const protocol of ['tcp', 'udp'] as const)
        expect(await tryOut(tier, protocol, words), `${tier} ${protocol}`).toBe(expected[protocol]);
    expect(await tryOut('steer', 'tcp', words), 'steer').toBe(expected.steer);
  });

  it('is what --reuse-port allows', async () => {
    for (const tier of ['ebpf', 'classic'] as const)
      for (const protocol of ['tcp', 'udp'] as const)
        expect(
          await tryOut(tier, protocol, ['bind-shared'], [], ['--reuse-port']),
          `${tier} ${protocol}`,
        ).toBe(OK);
    expect(await tryOut('steer', 'tcp', ['bind-shared'], [], ['--reuse-port'])).toContain(
      'tier steer does not share the address',
    );
  });

  it('is refused SO_REUSEPORT on steer, on the listener and on its own', async () => {
    expect(await tryOut('steer', 'tcp', ['reuseport'], AS_NOBODY)).toBe('EPERM');
  });
});

it('docs/tiers.md says of a second socket what was shown', () => {
  const outcomes = new Map(OUTCOMES);
  const shown = Object.entries(DOCUMENTED).map(([row, words]) => {
    const of = (kind: 'tcp' | 'udp' | 'steer') => wordFor(words.map((text) => outcomes.get(text)?.[kind]));
    return [row, of('tcp'), of('udp'), of('steer')];
  });
  expect(documentedRows()).toEqual(shown);
});
