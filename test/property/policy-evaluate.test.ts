import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allowedSources,
  evaluate,
  matches,
  noInputs,
  normalizeSources,
  type Policy,
  parsePolicy,
  resolvePolicy,
  setContains,
  unmapAddress,
} from '../../src/policy/index.js';
import { modelBytes } from '../support/address-model.js';
import {
  firstMatch,
  type ModelRule,
  modelPacket,
  modelRule,
  modelSourceRule,
  toPacket,
  writeRule,
} from '../support/policy-model.js';

const RUNS = { numRuns: 500 };
const packets = fc.array(modelPacket, { minLength: 1, maxLength: 30 });

function resolve(rules: readonly ModelRule[]): Policy {
  return resolvePolicy(parsePolicy(rules.map(writeRule).join('\n'), 'r'), noInputs).policy;
}

/** The rules that remain in the region of an address, found by walking over all regions. */
function listAt(policy: Policy, family: 4 | 6, value: bigint): readonly number[] | undefined {
  const { v4, v6, lists } = normalizeSources(policy);
  const { starts, results, width } = family === 4 ? v4 : v6;
  const firsts = Array.from(results, (_, i) =>
    [...starts.subarray(i * width, (i + 1) * width)].reduce((sum, word) => (sum << 32n) | BigInt(word), 0n),
  );
  return lists[results[firsts.findLastIndex((first) => first <= value)] ?? -1];
}

test('evaluate means what the plainest model means', () => {
  fc.assert(
    fc.property(fc.array(modelRule, { maxLength: 8 }), packets, (rules, packets) => {
      const policy = resolve(rules);
      for (const packet of packets) {
        const expected = policy.rules[firstMatch(rules, packet)];
        const verdict =
          expected?.verdict ?? (rules.some((rule) => rule.verdict === 'allow') ? 'deny' : 'allow');
        expect(evaluate(policy, toPacket(packet))).toEqual({ verdict, rule: expected });
      }
    }),
    RUNS,
  );
});

test('the rules of a region decide as all rules do', () => {
  fc.assert(
    fc.property(fc.array(modelRule, { maxLength: 8 }), packets, (rules, packets) => {
      const policy = resolve(rules);
      for (const packet of packets) {
        const list = listAt(policy, packet.family, packet.source);
        const seen = toPacket(packet);
        const rule = list
          ?.map((index) => policy.rules[index])
          .find((rule) => rule && matches(rule.match, seen));
        expect(rule).toBe(evaluate(policy, seen).rule);
      }
    }),
    RUNS,
  );
});

test('where only the source counts, a region has a verdict', () => {
  fc.assert(
    fc.property(fc.array(modelSourceRule, { maxLength: 12 }), packets, (rules, packets) => {
      const policy = resolve(rules);
      const allowed = allowedSources(policy);
      for (const packet of packets) {
        const list = listAt(policy, packet.family, packet.source);
        const index = firstMatch(rules, packet);
        expect(list).toEqual(index < 0 ? [] : [index]);
        const { family, bytes } = unmapAddress({
          family: packet.family,
          bytes: modelBytes(packet.family, packet.source),
        });
        const verdict = evaluate(policy, toPacket(packet)).verdict;
        expect(allowed && setContains(allowed, family, bytes)).toBe(verdict === 'allow');
      }
    }),
    RUNS,
  );
});

test('neighbouring regions differ', () => {
  fc.assert(
    fc.property(fc.array(modelRule, { maxLength: 8 }), (rules) => {
      const { v4, v6 } = normalizeSources(resolve(rules));
      for (const { results } of [v4, v6]) {
        expect(results.every((list, region) => region === 0 || list !== results[region - 1])).toBe(true);
      }
    }),
    RUNS,
  );
});
