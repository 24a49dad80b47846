import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seedOf } from '../support/random.js';
import { emptyTally, rulesProperty } from './rules.js';

// For longer, and with what it has counted: npm run fuzz -- --seconds 60
test('five seconds of fuzzing find nothing in the rule language', { timeout: 180_000 }, () => {
  const tally = emptyTally();
  fc.assert(rulesProperty(tally), {
    seed: seedOf('fuzzing of rules') | 0,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: 5000,
  });
  // Each stage must have been reached, on a slow machine too.
  expect(Object.values(tally).every((count) => count > 0)).toBe(true);
});
