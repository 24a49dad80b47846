import { expect, test } from 'vitest';
import { AlfError } from '../../../src/errors/index.js';
import { formatPolicy, type PolicyOption, policyFromOptions } from '../../../src/policy/index.js';

const policy = (text: string): PolicyOption => ({ option: 'policy', text, file: 'p' });
const option = (name: 'allow' | 'deny' | 'rule', text: string): PolicyOption => ({ option: name, text });

test('keeps the order of options', () => {
  const source = policyFromOptions([
    option('deny', '10.0.0.1'),
    policy('set x { ::1 }\nallow from cgnat'),
    option('allow', 'private,@x  # me'),
    option('rule', 'default deny'),
  ]);
  expect(formatPolicy(source)).toBe(
    'deny from 10.0.0.1\nset x { ::1 }\nallow from cgnat\nallow from private, @x # me\ndefault deny\n',
  );
});

test('--allow PEERS is --rule "allow from PEERS" with another location', () => {
  const [short] = policyFromOptions([option('allow', 'private, ::1')]).statements;
  const [long] = policyFromOptions([option('rule', 'allow from private, ::1')]).statements;
  const strip = (value: unknown) =>
    JSON.parse(JSON.stringify(value, (key, field) => (key === 'location' ? 0 : field)));
  expect(strip(short)).toEqual(strip(long));
  expect(short?.location).toEqual({ file: '--allow', line: 1, column: 1 });
});

test('--rule takes any statement', () => {
  const source = policyFromOptions([option('rule', 'set x { }'), option('rule', 'default deny')]);
  expect(formatPolicy(source)).toBe('set x { }\ndefault deny\n');
});

test('warns about host bits in an option', () => {
  expect(policyFromOptions([option('deny', '10.0.0.1/8')]).warnings).toMatchObject([
    { location: { file: '--deny', line: 1, column: 1 } },
  ]);
});

test.each([
  ['p', [policy('# nothing yet\n')]],
  ['p', [policy(''), option('rule', 'set x { ::1 }')]],
  ['--rule', [option('rule', 'set x { ::1 }')]],
])('warns about rules without a rule at %s', (file, options) => {
  expect(policyFromOptions(options).warnings).toEqual([
    {
      location: { file, line: 1, column: 1 },
      message: 'there is no rule and no default: every packet is allowed',
    },
  ]);
});

test.each([[[policy(''), option('deny', '::1')]], [[policy('default allow')]]])(
  'a rule or a default is enough: %j',
  (options) => {
    expect(policyFromOptions(options).warnings).toEqual([]);
  },
);

const PEER = 'an address, prefix, range, @set or word';
const refused: readonly [PolicyOption[], message: string, hint?: string][] = [
  [[option('allow', '')], `--allow:1:1: unexpected end of the text: expected ${PEER}`],
  [[option('allow', '::1,')], `--allow:1:5: unexpected end of the text: expected ${PEER}`],
  [[option('allow', '::1 port 80')], '--allow:1:5: unexpected port: expected "," or the end of the line'],
  [[option('allow', '::1\n::2')], '--allow:2:1: unexpected ::2: expected the end of the text'],
  [
    [option('deny', 'example.org')],
    `--deny:1:1: example.org is a host name in a deny rule: expected ${PEER}`,
    'a name that resolves to something else tomorrow would deny nobody; write the addresses',
  ],
  [[option('rule', ' # x')], '--rule:1:1: no rule here: expected allow, deny, default or set'],
  [
    [policy('set x { }'), option('rule', 'set x file y')],
    '--rule:1:1: set x is given twice: expected one; the first is at p:1:1',
  ],
];

test.each(refused)('refuses %j', (options, message, hint) => {
  expect(() => policyFromOptions(options)).toThrow(
    new AlfError('ALF_RULE', message, hint === undefined ? {} : { hint }),
  );
});

test('refuses a second default', () => {
  expect(() => policyFromOptions([policy('\ndefault allow'), option('rule', 'default deny')])).toThrow(
    new AlfError('ALF_RULE', '--rule:1:1: default is given twice: expected one; the first is at p:2:1'),
  );
});
