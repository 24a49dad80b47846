/**
 * Room: policy/lists. Pure.
 *
 * Owns the formats that a set file may have.
 * Each format has a reader, which adds entries to one `ListEntries`. The first line determines the reader.
 * A reader understands every byte of a list, or refuses it with its location.
 *
 * In: bytes. Out: an address set, the format of the list, warnings, or AlfError ALF_RULE.
 */
export { type LoadedSet, parseSetFile } from './set-file.js';
