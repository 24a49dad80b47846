/**
 * Room: files. Effects: reads, and changes nothing.
 *
 * Owns the reading of what a user names: files, pipes, standard input. Everything read has a bound, which the message
 * names, and tells whether messages may quote it. Knows nothing of what the text means.
 *
 * In: a path, a bound. Out: bytes, or lines.
 */
export { type Input, type InputOptions, readInput, STDIN } from './read-input.js';
export { type InputLine, readLines } from './read-lines.js';
export { unquoted } from './unquoted.js';
