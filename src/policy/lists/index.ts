/**
 * Room: policy/lists. Pure.
 *
 * Owns the formats that a set file may have.
 * Each format has a reader of its own, which adds entries to one `ListEntries`; the first line tells which one reads.
 * A reader understands every byte of a list or refuses it with its place.
 *
 * In: bytes. Out: an address set, what the list was read as, warnings, or AlfError ALF_RULE.
 */
export { type LoadedSet, parseSetFile } from './set-file.js';
