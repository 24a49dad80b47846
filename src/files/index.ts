/**
 * Room: files. Effects: reads files, and changes nothing.
 *
 * Owns reading the inputs that a user names: files, pipes, standard input. Every input has a limit, which the message
 * names, and a flag whether messages may quote it. Does not interpret the text.
 *
 * In: a path, a bound. Out: bytes, or lines.
 */
export { type Input, type InputOptions, readInput, STDIN } from './read-input.js';
export { type InputLine, readLines } from './read-lines.js';
export { unquoted } from './unquoted.js';
