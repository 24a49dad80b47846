/**
 * Room: kernel/probe. Effects, but none that stays.
 *
 * Owns the questions to this machine and this process: who are we, what may we do, which tiers work. Answers are found
 * by trying, never by comparing versions. Decides nothing.
 *
 * In: Ops. Out: Capabilities, and for a diagnosis Machine.
 */

export { gatherCapabilities, type Questions } from './capabilities.js';
export { parseCredentials, readCredentials } from './credentials.js';
export { inspectInherited } from './inherited.js';
export { findInterface, type NetworkInterface } from './interfaces.js';
export { examineMachine, type FileAnswer, type Machine, type Sysctls } from './machine.js';
export { tryAttach } from './tiers.js';
