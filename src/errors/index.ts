/**
 * Room: errors. Pure.
 *
 * Owns the one error type a user ever sees, the catalogue of its codes with their exit status, and how an error is
 * laid out as text. Knows nothing of system calls, streams or the rest of the program.
 *
 * In: code, message, hint. Out: AlfError, lines of text.
 */
export { AlfError, type AlfErrorOptions } from './alf-error.js';
export { catalogue, type ErrorCode, exitStatus } from './catalogue.js';
export { formatError } from './format.js';
export { HIDDEN, onOneLine, printable } from './printable.js';
export { quote, quoteWhole } from './quote.js';
export type { Remedy } from './remedy.js';
