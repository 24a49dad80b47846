import fc from 'fast-check';
import { parseAddress, parsePrefix } from '../../src/net/index.js';
import { addressWords, type Peer, unmapAddress, unmapPrefix } from '../../src/policy/index.js';
import { modelRange } from './address-model.js';

/** Syntax trees without locations and text, which formatting cannot keep. */
type Tree = Record<string, unknown>;

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const listOf = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { minLength: 1, maxLength: 3 });
const name = fc.stringMatching(/^[A-Za-z_][\w.-]{0,8}$/);
const comment = fc.string().map((text) => `#${text.replaceAll('\n', '')}`.trimEnd());
const maybeComment = fc.oneof(fc.constant(''), comment);
const verdict = fc.constantFrom('allow', 'deny');

const addressPeer = modelRange.map(({ text }): Tree => {
  const [first = '', last] = text.split('-');
  if (last === undefined) return { kind: 'prefix', prefix: unmapPrefix(parsePrefix(text).prefix) };
  return { kind: 'range', first: unmapAddress(parseAddress(first)), last: unmapAddress(parseAddress(last)) };
});
const wordPeer = fc.constantFrom(...addressWords).map((word) => ({ kind: 'word', word }));
const setPeer = name.map((name) => ({ kind: 'set', name }));
const hostPeer = fc
  .stringMatching(/^h-[a-z0-9_]{1,5}(\.[a-z]{2,3}){0,2}$/)
  .map((name) => ({ kind: 'host', name }));
const peer: fc.Arbitrary<Tree> = fc.oneof(addressPeer, wordPeer, setPeer);

const portRange = fc
  .tuple(fc.nat(65535), fc.nat(65535))
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));

const side = (peers: fc.Arbitrary<Tree>, ports: boolean) =>
  fc.record({ peers: listOf(peers), ports: ports ? maybe(listOf(portRange)) : fc.constant(undefined) });

const count = fc.integer({ min: 1, max: 999_999_999 });
const limit = fc.record({
  count,
  unit: fc.constantFrom('second', 'minute'),
  burst: maybe(count),
  per: maybe(fc.oneof(fc.constant('address'), fc.integer({ min: 1, max: 128 }))),
});

const rule = fc.tuple(verdict, fc.boolean()).chain(([verdict, ports]) => {
  const peers = verdict === 'allow' ? fc.oneof(peer, hostPeer) : peer;
  const protocol = ports ? fc.constantFrom(6, 17) : fc.nat(255);
  return fc.record({
    kind: fc.constant('rule'),
    verdict: fc.constant(verdict),
    interfaces: maybe(listOf(fc.stringMatching(/^[a-z][\w.@-]{0,14}$/))),
    protocols: maybe(listOf(protocol)),
    from: maybe(side(peers, ports)),
    to: maybe(side(peers, ports)),
    limit: maybe(limit),
    log: maybe(fc.constant({})),
    comment: maybeComment,
  });
});

const setLine = fc.oneof(
  fc.record({ peers: listOf(peer), comment: maybeComment }),
  fc.record({ peers: fc.constant<Peer[]>([]), comment }),
);
const set = fc.record({
  kind: fc.constant('set'),
  lines: fc.array(setLine, { maxLength: 4 }),
  comment: maybeComment,
});
const setFile = fc.record({
  kind: fc.constant('set-file'),
  path: fc.string({ minLength: 1 }).map((path) => path.replaceAll(/["\n]/g, '/')),
  refreshSeconds: maybe(fc.integer({ min: 1, max: 999_999 })),
  comment: maybeComment,
});
const line = fc.record({ kind: fc.constant('comment'), text: comment });
const gap = fc.constant({ kind: 'comment', text: '' });
const defaultStatement = fc.record({ kind: fc.constant('default'), verdict, comment: maybeComment });

/** The statements of a policy as syntax trees: sets with different names, one default at most, tidy empty lines. */
export const statementTrees: fc.Arbitrary<Tree[]> = fc
  .tuple(fc.array(fc.oneof(rule, set, setFile, line, gap), { maxLength: 8 }), maybe(defaultStatement))
  .map(([statements, last]) => {
    const named = statements.map(
      (tree, i): Tree => ('lines' in tree || 'path' in tree ? { ...tree, name: `s${i}` } : tree),
    );
    const isGap = (tree: Tree | undefined) => tree === undefined || tree['text'] === '';
    const all = last === undefined ? named : [...named, last];
    const tidy = all.filter((tree, i) => !isGap(tree) || !isGap(all[i - 1]));
    return isGap(tidy.at(-1)) ? tidy.slice(0, -1) : tidy;
  });
