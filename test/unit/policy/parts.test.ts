import { expect, test } from 'vitest';
import { AlfError } from '../../../src/errors/index.js';
import { formatPolicy, type PolicyPart, policyFromParts } from '../../../src/policy/index.js';

const policy = (text: string): PolicyPart => ({ kind: 'policy', text, file: 'p' });
const option = (kind: 'allow' | 'deny' | 'rule', text: string): PolicyPart => ({
  kind,
  text,
  file: `--${kind}`,
});

test('keeps the order of parts', () => {
  const source = policyFromParts([
    option('deny', '10.0.0.1'),
    policy('set x { ::1 }\nallow from cgnat'),
    option('allow', 'private,@x  # me'),
    option('rule', 'default deny'),
  ]);
  expect(formatPolicy(source)).toBe(
    'deny from 10.0.0.1\nset x { ::1 }\nallow from cgnat\nallow from private, @x # me\ndefault deny\n',
  );
});

test('peers to allow are the rule "allow from PEERS" in all but its place', () => {
  const [short] = policyFromParts([option('allow', 'private, ::1')]).statements;
  const [long] = policyFromParts([option('rule', 'allow from private, ::1')]).statements;
  const strip = (value: unknown) =>
    JSON.parse(JSON.stringify(value, (key, field) => (key === 'location' ? 0 : field)));
  expect(strip(short)).toEqual(strip(long));
  expect(short?.location).toEqual({ file: '--allow', line: 1, column: 1 });
});

test('a rule is any statement', () => {
  const source = policyFromParts([option('rule', 'set x { }'), option('rule', 'default deny')]);
  expect(formatPolicy(source)).toBe('set x { }\ndefault deny\n');
});

test('host bits in peers are a warning', () => {
  expect(policyFromParts([option('deny', '10.0.0.1/8')]).warnings).toMatchObject([
    { location: { file: '--deny', line: 1, column: 1 } },
  ]);
});

test.each([
  ['p', [policy('# nothing yet\n')]],
  ['p', [policy(''), option('rule', 'set x { ::1 }')]],
  ['--rule', [option('rule', 'set x { ::1 }')]],
])('rules without a rule are a warning at %s', (file, options) => {
  expect(policyFromParts(options).warnings).toEqual([
    {
      location: { file, line: 1, column: 1 },
      message: 'no rule and no default given: every packet is allowed',
    },
  ]);
});

test.each([[[policy(''), option('deny', '::1')]], [[policy('default allow')]]])(
  'a rule or a default is enough: %j',
  (options) => {
    expect(policyFromParts(options).warnings).toEqual([]);
  },
);

const PEER = 'an address, prefix, range, @set or word';
const refused: readonly [PolicyPart[], message: string, hint?: string][] = [
  [[option('allow', '')], `--allow:1:1: unexpected end of the text: expected ${PEER}`],
  [[option('allow', '::1,')], `--allow:1:5: unexpected end of the text: expected ${PEER}`],
  [[option('allow', '::1 port 80')], '--allow:1:5: unexpected port: expected "," or the end of the line'],
  [[option('allow', '::1\n::2')], '--allow:2:1: unexpected ::2: expected the end of the text'],
  [
    [option('deny', 'example.org')],
    `--deny:1:1: example.org is a host name in a deny rule: expected ${PEER}`,
    'the addresses of a host name can change; write the addresses',
  ],
  [[option('rule', ' # x')], '--rule:1:1: no rule here: expected allow, deny, default or set'],
  [
    [policy('set x { }'), option('rule', 'set x file y')],
    '--rule:1:1: set x is given twice: expected one; the first is at p:1:1',
  ],
];

test.each(refused)('refuses %j', (options, message, hint) => {
  expect(() => policyFromParts(options)).toThrow(
    new AlfError('ALF_RULE', message, hint === undefined ? {} : { hint }),
  );
});

test('refuses a second default', () => {
  expect(() => policyFromParts([policy('\ndefault allow'), option('rule', 'default deny')])).toThrow(
    new AlfError('ALF_RULE', '--rule:1:1: default is given twice: expected one; the first is at p:2:1'),
  );
});
