import { expect, test } from 'vitest';
import { AlfError } from '../../../src/errors/index.js';
import { formatRule, parseRule } from '../../../src/policy/index.js';

test('reads one rule, with or without comments around it', () => {
  expect(formatRule(parseRule('# who\nallow  from ::1 # me\n', '--rule').rule)).toBe('allow from ::1');
});

const refused: readonly [text: string, message: string][] = [
  ['', '1:1: no rule here: expected allow or deny'],
  ['default deny', '1:1: no rule here: expected allow or deny'],
  ['allow\ndeny', '2:1: a second statement: expected one rule'],
];

test.each(refused)('refuses %j', (text, message) => {
  expect(() => parseRule(text, '--rule')).toThrow(new AlfError('ALF_RULE', `--rule:${message}`));
});
