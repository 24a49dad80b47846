/**
 * Room: errors. Pure.
 *
 * Owns the only error type that users see, the catalogue of its codes with their exit status, and the layout of errors
 * as text. Does not depend on system calls, streams or other rooms.
 *
 * In: code, message, hint. Out: AlfError, lines of text.
 */
export { AlfError, type AlfErrorOptions } from './alf-error.js';
export { catalogue, type ErrorCode, exitStatus } from './catalogue.js';
export { formatError } from './format.js';
export { HIDDEN, onOneLine, printable } from './printable.js';
export { quote, quoteWhole } from './quote.js';
export type { Advice, Remedy } from './remedy.js';
