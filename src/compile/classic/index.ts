/**
 * Room: compile/classic. Pure.
 *
 * Owns the compiler from policies to classic BPF: a balanced search over the source address, everything else tested in
 * its leaves. Refuses a program that the kernel would not take for its size.
 *
 * In: a policy, interface indexes, the verdict numbers of a tier. Out: CompiledPolicy, and its listing. Knows nothing of
 * sockets or of which tier to take.
 */
export { type CompiledPolicy, compilePolicy, type Target } from './compile.js';
export { type ExemptPorts, exemptPorts } from './exempt.js';
export { explainProgram } from './explain.js';
export { type SpreadPolicy, spreadListeners } from './spread.js';
