/**
 * Room: app. Effects.
 *
 * Owns the use cases: what is done for each command, one file a use case. Takes requests that have been checked word by
 * word, reads what they name, asks the machine, and gives back what there is to say as values.
 *
 * In: a request, an EngineContext, which hears of warnings and reports. Out: Plan, Explanation, verdicts, …; or the target
 * in our place. Knows no options, no argv and no output.
 */
export { type CheckedPeer, type CheckRequest, checkPeers } from './check-peers.js';
export type { FilterDescription, MapDescription, TypeDescription } from './describe-filter.js';
export { type Examination, examine, type FilterAnswer } from './examine.js';
export { explainLaunch } from './explain-launch.js';
export type { ExplainedPart, Explanation } from './explanation.js';
export type { FilterRequest } from './filter-source.js';
export { formatRules } from './format-rules.js';
export { inspectFilter } from './inspect-filter.js';
export { type Caller, type LaunchRequest, launchProgram, planLaunch } from './launch-program.js';
export type { RuleInput } from './read-policy.js';
export { type TriedFilter, type TryRequest, tryPackets } from './try-packets.js';
export {
  installDropIn,
  makeDropIn,
  removeDropIn,
  type ServiceDropIn,
  type WrapRequest,
} from './wrap-service.js';
