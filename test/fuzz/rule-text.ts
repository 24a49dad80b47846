import fc from 'fast-check';
import { formatPolicy, type Statement } from '../../src/policy/index.js';
import { modelRule, writeRule } from '../support/policy-model.js';
import { statementTrees } from '../support/source-arbitraries.js';

/** Words and signs of the rule language, numbers at its limits, and things that are nearly right. */
const WORDS = (
  'allow deny default set in on proto tcp udp icmp 0 255 256 from to any port 0-65535 65536 1-0 limit 1/second 9/minute ' +
  'burst per address log @s0 @s1 @ private localhost cgnat link-local multicast documentation 10.0.0.0/8 0.0.0.0/0 ::/0 ' +
  '10.0.0.1-10.0.0.9 ::1-::ffff ::ffff:1.2.3.4/100 ::ffff:0:0/96 255.255.255.255 1.2.3.4/33 ::/129 fe80::1%lo h-a.example ' +
  'file "a b" "" refresh 5m { } , # lo wire eth0. .. \u0000 \uFEFF é " \\ \r'
)
  .split(' ')
  .concat(' ', '\n', '\r\n', '\t', '-', '/', ':', '.');

type Mutation = (parts: string[], at: number, other: number, word: string) => string[];

/** What can happen to a text that has been cut into words and the blanks between them. */
const MUTATIONS: readonly Mutation[] = [
  (parts, at) => parts.toSpliced(at, 1),
  (parts, at, _, word) => parts.toSpliced(at, 0, word),
  (parts, at, _, word) => parts.with(at, word),
  (parts, at, other) => parts.toSpliced(at, 0, ...parts.slice(other, other + 5)),
  (parts, at, other) => parts.with(at, parts[other] ?? '').with(other, parts[at] ?? ''),
  (parts, at, other) => parts.with(at, (parts[at] ?? '').slice(0, other % 4)),
  (parts, at, _, word) => parts.with(at, (parts[at] ?? '') + word),
  (parts, at, other) => parts.with(at, flip(parts[at] ?? '', other)),
];

function flip(text: string, at: number): string {
  const i = at % (text.length || 1);
  return (
    text.slice(0, i) + String.fromCharCode((text.charCodeAt(i) || 0x20) ^ (1 << (at % 7))) + text.slice(i + 1)
  );
}

// Of any shape the grammar has; and of shapes that can be enforced, on few addresses, so that packets meet them.
const anyShape = statementTrees.map((trees) =>
  formatPolicy({ statements: trees as unknown as Statement[], warnings: [] }),
);
const enforceable = fc.array(modelRule, { maxLength: 8 }).map((rules) => rules.map(writeRule).join('\n'));

const mutation = fc.tuple(
  fc.constantFrom(...MUTATIONS),
  fc.nat(),
  fc.nat(),
  fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: 'binary', maxLength: 3 })),
);

/** Rules as somebody might write them: well-formed, or with up to eight things changed. */
export const ruleText: fc.Arbitrary<string> = fc
  .tuple(fc.oneof(anyShape, enforceable), fc.array(mutation, { maxLength: 8 }))
  .map(([text, mutations]) => {
    let parts = text.split(/(\s+|[,{}])/);
    for (const [mutate, at, other, word] of mutations) {
      if (parts.length === 0) parts = [''];
      parts = mutate(parts, at % parts.length, other % parts.length, word);
    }
    return parts.join('');
  });
