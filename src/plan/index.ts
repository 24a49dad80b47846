/**
 * Room: plan. Pure.
 *
 * Owns the decision what a launch does: from what was asked for (Config), the filter that was read and what is known of
 * the machine (Facts) to a frozen Plan that can be printed as JSON. Everything that can be refused before anything is
 * created is refused here. Does nothing itself.
 *
 * In: Config, FilterInput, Facts. Out: Plan.
 */

export { type Capable, inBounds, inEffect, maySeeKernel } from './capabilities.js';
export { compileFor, interfacesOf } from './classic.js';
export type { Config, EntryFile, IdentityRequest, Passing, Tier } from './config.js';
export type {
  Account,
  CapabilityName,
  Credentials,
  Facts,
  FilterInput,
  InheritedSocket,
  TierAnswer,
} from './facts.js';
export { describeStep, type IdentityStep, type PlannedIdentity, USER_VARIABLES } from './identity-step.js';
export { makePlan, policyOf, rulesEntry } from './make-plan.js';
export {
  type InternetListener,
  isUnixListener,
  type Plan,
  type PlannedEntry,
  type PlannedListener,
  type UnixListener,
} from './plan.js';
export type { PlannedOption } from './planned-option.js';
export type { SocketOptionName, SocketOptions } from './socket-options.js';
export { answerFor } from './tiers.js';
