/**
 * Room: compile/seccomp. Pure.
 *
 * Owns the seccomp programs that a target runs under. The guard of the tier `steer` keeps a process from taking the
 * steering off its listener: SO_LOCK_FILTER stops neither SO_DETACH_REUSEPORT_BPF nor clearing SO_REUSEPORT.
 *
 * The program of interception suspends a process that opens a listener.
 *
 * In: the machine's name. Out: bytes for seccomp(2). Knows nothing of who installs them.
 */
export { GUARD_MACHINES } from './abi.js';
export { explainSeccomp } from './explain.js';
export { compileGuard } from './guard.js';
export { compileInterception, type Interception } from './interception.js';
