import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { encodedPlans } from '../support/encoded-plans.js';
import { seedOf } from '../support/random.js';
import { cleanEnvironment, fixture } from '../support/run.js';

/** Where nothing may be missing it takes its time; ALF_TEST_FUZZ_SECONDS sets another. */
const SECONDS =
  process.env['ALF_TEST_FUZZ_SECONDS'] ?? (process.env['ALF_TEST_REQUIRE'] === 'all' ? '60' : '5');

test(`${SECONDS} seconds of mutated plans and targets: each is refused, or safe to carry out`, {
  timeout: Number(SECONDS) * 1000 + 120_000,
}, () => {
  const seed = seedOf('fuzzing of plans');
  const { status, stdout, stderr } = spawnSync(fixture('fuzz-plans'), [String(seed), SECONDS], {
    input: encodedPlans(),
    encoding: 'utf8',
    env: cleanEnvironment(),
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  console.log(`fuzz-plans: ${stdout.trim()}`);
  const counts = JSON.parse(stdout) as Readonly<Record<string, number>>;
  expect(Object.keys(counts)).toHaveLength(6);
  // Each outcome must have been reached, on a slow machine too.
  for (const [name, count] of Object.entries(counts)) expect(count, name).toBeGreaterThan(0);
});
