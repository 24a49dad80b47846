/**
 * Room: files. Effects: reads files; replaces and removes files where a command is asked to.
 *
 * Owns reading the inputs that a user names: files, pipes, standard input. Every input has a limit, which the message
 * names, and a flag whether messages may quote it. Owns writing as well: atomic replacement. Does not interpret the text.
 *
 * In: a path, a bound or a text. Out: bytes, or lines.
 */
export { type Input, type InputOptions, readInput, STDIN } from './read-input.js';
export { type InputLine, readLines } from './read-lines.js';
export { removeFile, replaceFile } from './replace-file.js';
export { unquoted } from './unquoted.js';
