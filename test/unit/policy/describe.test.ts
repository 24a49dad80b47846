import { expect, test } from 'vitest';
import {
  describeRule,
  noInputs,
  type PolicyPart,
  policyFromParts,
  resolvePolicy,
  summarizePolicy,
} from '../../../src/policy/index.js';

const resolve = (...parts: PolicyPart[]) => resolvePolicy(policyFromParts(parts), noInputs).policy;

test('describes a rule by its text and location', () => {
  const { rules } = resolve(
    { kind: 'policy', file: 'web.rules', text: '# us\nallow  from private # all' },
    { kind: 'deny', file: '--deny', text: '10.0.0.0/8' },
    { kind: 'policy', file: 'a\n::1 allow', text: 'deny from ::1' },
  );
  expect(rules.map(describeRule)).toEqual([
    'allow  from private (web.rules:2)',
    'deny from 10.0.0.0/8 (--deny)',
    'deny from ::1 (a\\u000a::1 allow:1)',
  ]);
});

test('summarizes a policy', () => {
  expect(summarizePolicy(resolve())).toBe('0 rules (0 allow, 0 deny), 0 address ranges, default allow');
  const text = 'set x { 10.0.0.1, 10.0.0.3 }\nallow from @x\ndeny from @x to ::1';
  expect(summarizePolicy(resolve({ kind: 'rule', file: '--rule', text }))).toBe(
    '2 rules (1 allow, 1 deny), 3 address ranges, default deny',
  );
  expect(summarizePolicy(resolve({ kind: 'allow', file: '--allow', text: '::1' }))).toBe(
    '1 rule (1 allow, 0 deny), 1 address range, default deny',
  );
});
