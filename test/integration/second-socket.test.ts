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

/** Outcomes on filtered TCP and UDP listeners, and on steer. docs/tiers.md says the same in words. */
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
];

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
