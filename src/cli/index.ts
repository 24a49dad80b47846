/**
 * Room: cli. Effects, and the only room that touches `process` (entry.ts).
 *
 * Owns the command line: its options, dividing it between us and the target, help, what is printed. Everything of the
 * outside world comes in as one CliEnv, so that a test can call `main` in its own process.
 *
 * In: CliEnv. Out: an exit status, or the target in our place.
 */
export type { CliEnv } from './env.js';
export { main } from './main.js';
