import type { UnitFile } from './parse-unit.js';

/** A value that a unit file gives a setting. */
export interface Assignment {
  readonly value: string;
  /** The file that gives it. */
  readonly path: string;
}

/** The settings of one section that are in force. */
export interface Settings {
  /** All values of a list since its last reset, in order. An empty value resets a list. */
  readonly list: (key: string) => readonly Assignment[];
  /** All values in order, resets included. */
  readonly all: (key: string) => readonly string[];
  /** The last value; undefined if there is none, or if the last one is empty. */
  readonly last: (key: string) => string | undefined;
  /** A boolean; false if it is not set. */
  readonly on: (key: string) => boolean;
}

const TRUE = /^(1|yes|y|true|t|on)$/i;

/**
 * Returns the settings of a section after all files.
 *
 * @param files the unit file and its drop-ins, in the order of systemd
 */
export function settingsOf(files: readonly UnitFile[], section: string): Settings {
  const assigned = new Map<string, Assignment[]>();
  for (const { path, sections } of files) {
    for (const { key, value } of sections.filter(({ name }) => name === section).flatMap((s) => s.entries)) {
      const known = assigned.get(key) ?? [];
      assigned.set(key, [...known, { value, path }]);
    }
  }
  const list = (key: string) => {
    const values = assigned.get(key) ?? [];
    return values.slice(values.findLastIndex(({ value }) => value === '') + 1);
  };
  const all = (key: string) => (assigned.get(key) ?? []).map(({ value }) => value);
  const last = (key: string) => all(key).at(-1) || undefined;
  return { list, all, last, on: (key) => TRUE.test(last(key) ?? '') };
}
