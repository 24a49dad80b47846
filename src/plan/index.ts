/**
 * Room: plan. Pure.
 *
 * Owns the decision what a launch does: from what was asked for (Config), the filter that was read and what is known of
 * the machine (Capabilities) to a frozen Plan that can be printed as JSON. Everything that can be refused before anything is
 * created is refused here. Does nothing itself.
 *
 * In: Config, FilterInput, Capabilities. Out: Plan.
 */

export type {
  Account,
  Capabilities,
  CapabilityName,
  Credentials,
  FilterInput,
  FoundInterface,
  InheritedSocket,
  InterceptionAnswers,
  ProbeResult,
} from './capabilities.js';
export { compileFor, interfacesOf } from './classic.js';
export { anySocket, compileIntercepted } from './compile-intercepted.js';
export type {
  Config,
  EntryFile,
  IdentityRequest,
  InterceptionRequest,
  SocketHandoff,
  Tier,
} from './config.js';
export { GUARD_ADVICE, GUARDING } from './guard.js';
export { parseId } from './identity.js';
export { describeStep, type IdentityStep, type PlannedIdentity, USER_VARIABLES } from './identity-step.js';
export { INTERCEPTING, NOTIFY_ADVICE } from './interceptable.js';
export { interfaceQuestions } from './interface-questions.js';
export { makePlan, policyOf, rulesEntry } from './make-plan.js';
export {
  type InternetListener,
  isUnixListener,
  type Plan,
  type PlannedEntry,
  type PlannedInterception,
  type PlannedListener,
  type UnixListener,
} from './plan.js';
export type { PlannedOption } from './planned-option.js';
export { type Capable, canReadKernelMemory, inBoundingSet, inEffect } from './privileges.js';
export type { SocketOptionName, SocketOptions } from './socket-options.js';
export { answerFor } from './tiers.js';
