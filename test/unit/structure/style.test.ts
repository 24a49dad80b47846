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
  'keeps strangers away from a daemon',
  'Whom packets come from',
  'What it costs to be filtered',
  'What was aimed at',
  'Which file a word means',
  'What a filter takes',
  'What a filter sees',
  'Whose addresses',
  'As somebody else',
  'which one holds against whom',
  'nothing is half understood',
  'nobody writes a rule twice',
  'a rule is never written twice',
  'is known as one',
];

/** Words that no text of the tree has: pronouns for peers, and turns that the field has a term for. */
const EVERYWHERE: Readonly<Record<string, RegExp>> = {
  'him: the client': /\bhim\b/,
  'turned away: dropped, refused': /\bturned away\b/i,
  'come to lie: the memory layout': /\bc[oa]mes? to lie\b/i,
  'written out: unrolled, inlined': /\bwritten out\b/i,
  'likewise: also': /\blikewise\b/i,
  'what is meant: the default, the meaning': /\bwhat is meant\b/i,
  'next to nothing: very little': /\bnext to nothing\b/i,
  'mood: load': /\bmoods?\b/i,
  'none of ours: ignored': /\bnone of ours\b/i,
};

/** Words that finished texts do not have. Each names what a reader would have to look for, or is no term of the field. */
const FINISHED: Readonly<Record<string, RegExp>> = {
  'whoever: name the user or process': /\bwhoever\b(?! starts alfwrapper)/i,
  'nobody: name the user or process': /(?<!--user |deny |'|65534 |NO)\bnobody\b(?!')/i,
  'somebody: another user, another process': /\bsomebody\b/i,
  'anybody: any user, any process': /\banybody\b/i,
  'everybody: all users, all addresses': /\beverybody\b/i,
  'stranger: a denied client': /\bstrangers?\b/,
  'he, his, whom: it, its, which': /\b(he|his|whom)\b/,
  'whatever: any': /\bwhatever\b/i,
  'in front of: before': /\bin front of\b/i,
  'one behind the other: consecutively': /\bone behind the other\b/i,
  'by itself: alone, separately': /\bby itself\b/i,
  'for want of: without': /\bfor want of\b/i,
  'is none: is not a': /(?<!there )\b(is|are) none\b/i,
  'is no: is not a': /(?<!there )\b(is|are) no (?!longer)/i,
  'anew: again': /\banew\b/i,
  'let through: allow': /\blet(s|ting)? through\b/i,
  'get through: is allowed': /\bg[eo]ts? through\b/i,
  'take off: detach': /\btake(s|n)? (it |them )?off\b/i,
  'look at: match, inspect, read': /\blook(s|ed|ing)? at\b/i,
};

/** Words of the documents alone: code has variables of these names. */
const DOCUMENTS: Readonly<Record<string, RegExp>> = {
  'behind: after': /\bbehind\b(?! filtered)/i,
  'at once: immediately, at the same time': /(?<!returns )\bat once\b/i,
  'for, as a conjunction: because': /, for (he|it|they|the \w+ (is|has|holds)) /i,
  'goes on: continues': /\b(goes|go|went) on\b/i,
  'beside, for a comparison: compared with': /\bmeasured beside\b/i,
};

/** Where texts are finished: everywhere but in the tests. */
const IS_FINISHED =
  /^(README|CHANGELOG|CONTRIBUTING)\.md$|^(docs|man|ebpf|bench|scripts|contrib|examples|src|native)\//;

/** Markdown and the manual; architecture.md is that of the rooms which are not finished. */
const IS_DOCUMENT = /^(?!docs\/architecture).*(\.md|\.1(\.in)?)$/;

type Rule = readonly [name: string, pattern: RegExp, isSearched: (path: string) => boolean];

const FORBIDDEN: readonly Rule[] = [
  ...[...Object.entries(IDENTIFIERS), ...Object.entries(EVERYWHERE)].map(
    ([name, pattern]): Rule => [name, pattern, () => true],
  ),
  ...PHRASES.map((phrase): Rule => [phrase, new RegExp(phrase, 'i'), () => true]),
  ...Object.entries(FINISHED).map(
    ([name, pattern]): Rule => [
      name,
      pattern,
      (path) => IS_FINISHED.test(path) && path !== 'docs/architecture.md',
    ],
  ),
  ...Object.entries(DOCUMENTS).map(
    ([name, pattern]): Rule => [name, pattern, (path) => IS_DOCUMENT.test(path)],
  ),
];

const FOLDERS = ['src', 'native', 'ebpf', 'test', 'bench', 'scripts', 'docs', 'man', 'examples', 'contrib'];
const IS_TEXT = /\.(ts|mjs|cjs|c|cc|h|md|in|sh|py|1|txt|json|fish|bash|zsh|rules|service|socket)$/;

/** A text as one line, without the marks of comments: sentences go across lines. */
const asOneLine = (text: string) => text.replace(/\s*\n\s*(?:\*(?!\/)|\/\/|#+)?\s*/g, ' ');

/** What a pattern matches first, with a few characters on either side. */
function excerptOf(line: string, pattern: RegExp): string {
  const { index, 0: found } = pattern.exec(line) ?? { index: 0, 0: '' };
  return line.slice(Math.max(0, index - 40), index + found.length + 40);
}

describe('words that STYLE replaces', () => {
  const top = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'CMakeLists.txt', 'package.json'];
  const texts = [
    ...FOLDERS.flatMap(filesBelow).filter(
      ({ path }) => IS_TEXT.test(path) && !path.endsWith('/style.test.ts'),
    ),
    ...top.map((path) => ({ path, text: readFileSync(`${ROOT}${path}`, 'utf8') })),
  ].map(({ path, text }) => ({ path, line: asOneLine(text) }));

  it.each(FORBIDDEN)('%s', (_, pattern, isSearched) => {
    const found = texts.filter(({ path, line }) => isSearched(path) && pattern.test(line));
    expect(found.map(({ path, line }) => `${path}: ${excerptOf(line, pattern)}`)).toEqual([]);
  });

  it('which is checked', () => {
    expect(texts.length).toBeGreaterThan(500);
    const [, keeper] = FORBIDDEN.find(([name]) => name.startsWith('keeper')) ?? [];
    expect([keeper?.test('the keeper'), keeper?.test("'ALF_KEEPER'")]).toEqual([true, false]);
    expect(asOneLine('/*\n * one\n * two\n */\n// three\n// four')).toBe('/* one two */ three four');
    for (const isIn of [IS_FINISHED, IS_DOCUMENT])
      expect(texts.filter(({ path }) => isIn.test(path)).length).toBeGreaterThan(30);
  });
});
