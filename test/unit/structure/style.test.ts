import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/objects.js';
import { filesBelow } from './files.js';

/** Identifiers that the field has a better word for, as they are searched for. */
const IDENTIFIERS: Readonly<Record<string, RegExp>> = {
  'cutCommandLine: parseOptions': /\bcutCommandLine\b/,
  'Cut: ParsedArgs': /\bCut\b(?! off)/,
  'Given: ParsedOption': /\b(interface|type|class) Given\b|: (readonly )?Given\b/,
  'sortWords: parseArgs': /\bsortWords\b/,
  'voices: createLogger': /\bvoices\b/,
  'Passing: SocketHandoff': /\bPassing\b/,
  'amiss: failed': /\bamiss\b/,
  'settleQueue: drainBacklog': /\bsettleQueue\b/,
  'turnedAway: rejected': /\bturnedAway\b/,
  'Admits: isAllowed': /\bAdmits\b/,
  'takeSaid: takeLog': /\b(takeSaid|take_said)\b/,
  'Spot: AlignedBlock': /\bSpot\b/,
  'Piece: Interval': /\bPiece\b/,
  'stepping stone: trampoline': /stepping stone/i,
  'keeper: companion': /(?<!ALF_)keeper/i,
  'Judge: FilterSource': /\b(open)?Judge\b/,
  'Facts: Capabilities': /\bFacts\b/,
  'TierAnswer: ProbeResult': /\bTierAnswer\b/,
  'Surroundings: MatchContext': /\bSurroundings\b/,
  'inBounds: inBoundingSet': /\binBounds\b/,
  'maySeeKernel: canReadKernelMemory': /\bmaySeeKernel\b/,
  'objectFill: relocateKernelSymbols': /\b(objectFill|object_fill)\b/,
  'Listening: StderrCapture': /\bclass Listening\b/,
  'PATIENCE_MS: RETRY_DELAYS_MS': /\bPATIENCE_MS\b/,
  'MOST_*: MAX_*': /\bMOST_/,
  'PLENTY, FEW, DEEPEST: …_THRESHOLD, MAX_*': /\b(PLENTY|FEW|DEEPEST)\b/,
  'the ancestor: alfwrapper 2017': /the ancestor/i,
};

/** Sentences that a reader has to decode; the beginning of each. */
const PHRASES: readonly string[] = [
  'Who is not allowed gets no answer',
  'It cannot be changed afterwards, by nobody',
  'keep a full line from being full',
  'Whatever was lent and used',
  'costs those their connection who',
  'takes no descriptors from it by',
  'They are what is meant if nothing is said',
  'some of whose fields nobody has told',
  'what was looked for in vain',
  "the reaper's office",
  'started anew right behind its end',
  'What the symbols call a program',
  'it takes the kernel more steps than',
  "as it would a stranger's",
  'it comes from nowhere',
];

const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
  ...Object.entries(IDENTIFIERS),
  ...PHRASES.map((phrase) => [phrase, new RegExp(phrase, 'i')] as const),
];

const FOLDERS = ['src', 'native', 'ebpf', 'test', 'bench', 'scripts', 'docs', 'man', 'examples', 'contrib'];
const IS_TEXT = /\.(ts|mjs|cjs|c|cc|h|md|in|sh|py|1|txt|json|fish|bash|zsh|rules|service|socket)$/;

describe('words that STYLE replaces', () => {
  const top = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'CMakeLists.txt', 'package.json'];
  const texts = [
    ...FOLDERS.flatMap(filesBelow).filter(
      ({ path }) => IS_TEXT.test(path) && !path.endsWith('/style.test.ts'),
    ),
    ...top.map((path) => ({ path, text: readFileSync(`${ROOT}${path}`, 'utf8') })),
  ];

  it.each(FORBIDDEN)('%s', (_, pattern) => {
    expect(texts.filter(({ text }) => pattern.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('which is checked', () => {
    expect(texts.length).toBeGreaterThan(500);
    const [, keeper] = FORBIDDEN.find(([name]) => name.startsWith('keeper')) ?? [];
    expect([keeper?.test('the keeper'), keeper?.test("'ALF_KEEPER'")]).toEqual([true, false]);
  });
});
