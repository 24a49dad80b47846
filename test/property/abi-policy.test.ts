import { expect, test } from 'vitest';
import { encodePolicy, lookup } from '../../src/abi/policy/index.js';
import { evaluate } from '../../src/policy/index.js';
import { PolicyCases } from '../support/policy-cases.js';
import { Random, seedOf } from '../support/random.js';

test('an image means what the policy means', () => {
  const seed = seedOf('an image means what the policy means');
  const interfaces = new Map([
    ['lo', 1],
    ['eth0', 2],
    ['wg-0', 70000],
  ]);
  const random = new Random(seed);
  const cases = new PolicyCases(random, {
    ifnames: [...interfaces.keys()],
    protocols: [1, 6, 17, 58],
    ports: true,
  });
  for (let i = 0; i < 400; i++) {
    const policy = cases.policy(random.pick([1, 3, 10, 40, 100]));
    const image = encodePolicy(policy, { interfaces });
    for (let j = 0; j < 50; j++) {
      const packet = cases.packet();
      const expected = evaluate(policy, packet);
      const rule = expected.rule === undefined ? -1 : policy.rules.indexOf(expected.rule);
      const context = `ALF_TEST_SEED=${seed}, policy ${i}, packet ${j}: ${JSON.stringify(packet)}`;
      expect(lookup(image, packet, interfaces.get(packet.ifname) ?? 0), context).toEqual({
        verdict: expected.verdict,
        rule,
      });
    }
  }
});
