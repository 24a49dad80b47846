/**
 * Room: policy. Pure.
 *
 * Owns the rule language: its text (parse, format), its meaning (`evaluate`, the reference every back-end is tested
 * against), address sets, and the regions from which back-ends build their decision trees.
 * Text becomes a `PolicySource`, with words, names and comments. With the content of set files and the
 * addresses of hosts it becomes a `Policy`, which has addresses only.
 *
 * In: text, bytes of set files, addresses of hosts. Out: frozen values, canonical text, AlfError ALF_RULE with file,
 * line and column. Reads no file, resolves no name and does not depend on back-ends.
 */
export {
  complementSet,
  countRanges,
  emptySet,
  intersectSets,
  isEmptySet,
  isFullSet,
  setContains,
  splitWords,
  unionSets,
} from './address-set.js';
export { AddressSetBuilder } from './address-set-builder.js';
export { type AddressWord, addressWords, wordSet } from './address-words.js';
export { allowedSources } from './allowed-sources.js';
export { decodePolicyText } from './decode-text.js';
export { describeList, describeRule, summarizePolicy } from './describe.js';
export { assertEnforceable } from './enforceable.js';
export { type Decision, evaluate, evaluateUnix, matches } from './evaluate.js';
export { formatPolicy, formatRule } from './format-policy.js';
export { type KnownInterface, listNeeds, noInputs, type PolicyInputs, type PolicyNeeds } from './inputs.js';
export { describePort, interfaceNames } from './interfaces.js';
export { type LoadedSet, parseSetFile } from './lists/index.js';
export { type AddressBytes, unmapAddress, unmapPrefix } from './mapped.js';
export { type ParsedRule, parsePolicy, parseRule } from './parse-policy.js';
export { type PolicyPart, policyFromParts } from './parts.js';
export { joinPolicies } from './references.js';
export { formatLocation } from './refuse.js';
export {
  type Edges,
  edgesOf32,
  edgesOf128,
  edgesOfNumbers,
  edgesOfPoints,
  everyKey,
} from './regions/edges.js';
export { normalizeSources, type SourceRegions } from './regions/source-regions.js';
export { type Regions, type SweepState, sweep, sweepSets } from './regions/sweep.js';
export { type ResolvedPolicy, resolvePolicy } from './resolve.js';
export type * from './syntax.js';
export type {
  AddressSet,
  Match,
  Packet,
  Policy,
  PortRange,
  Rule,
  SourceLocation,
  Verdict,
} from './types.js';
export { unreachableRules } from './unreachable.js';
export { warnOfUnreachableSource } from './unreachable-source.js';
export { formatWarnings, withCount } from './warnings.js';
