/** Fuzzes the rule language for a while: `npm run fuzz -- [--seconds N] [--seed N]`. Status 1 if anything is found. */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { emptyTally, rulesProperty } from './rules.js';

const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
const seconds = Number(values.seconds ?? 60);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const tally = emptyTally();

console.log(`fuzzing rules for ${seconds} s with --seed ${seed}`);
const outcome = fc.check(rulesProperty(tally), {
  seed,
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: seconds * 1000,
});
console.log(
  `${tally.texts} texts, ${tally.parsed} parsed, ${tally.resolved} policies, ${tally.judged} packets judged`,
);
if (outcome.failed) {
  console.error(fc.defaultReportMessage(outcome));
  process.exitCode = 1;
} else {
  console.log('nothing found');
}
