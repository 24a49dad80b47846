import { expect, it } from 'vitest';
import { LAUNCH_OPTIONS } from '../../../src/cli/options.js';
import { parseOptions } from '../../../src/cli/parse-options.js';
import { readRules } from '../../../src/cli/read-rules.js';

it('takes the options that make up a policy, in order, under their names', () => {
  const words = '--deny ::1 -v --policy web.rules --tier steer --allow private --rule default'.split(' ');
  expect(readRules(parseOptions(words, LAUNCH_OPTIONS).given)).toEqual([
    { kind: 'deny', text: '::1', file: '--deny' },
    { kind: 'policy', path: 'web.rules' },
    { kind: 'allow', text: 'private', file: '--allow' },
    { kind: 'rule', text: 'default', file: '--rule' },
  ]);
});

it('takes none where there are none', () => {
  expect(readRules(parseOptions(['-q', '--port', '80'], LAUNCH_OPTIONS).given)).toEqual([]);
});
