import type { ObjectSpec } from '../bpf/object/index.js';
import {
  type CodecContext,
  type Entry,
  encodeEntry,
  findMap,
  formatEntry,
  hasSlots,
  isPerCpu,
  type MapSpec,
  toHex,
} from '../bpf/values/index.js';
import { AlfError, quote } from '../errors/index.js';
import type { Config, EntryFile } from './config.js';
import type { PlannedEntry } from './plan.js';

/**
 * Encodes all entries for their maps: a later one for the same key or slot replaces the earlier one.
 *
 * @throws AlfError ALF_ENTRY for an entry that does not fit its map, or more entries than the map takes
 */
export function planEntries(
  object: ObjectSpec,
  config: Pick<Config, 'entries' | 'entryFiles'>,
  context: CodecContext,
): PlannedEntry[] {
  const maps = new Map<string, Map<string, Entry>>();
  const put = (entry: Entry) => {
    const entries = maps.get(entry.map) ?? new Map<string, Entry>();
    maps.set(entry.map, entries.set(entry.identity, entry));
  };
  const slots = new Map<string, Slots>();
  for (const file of config.entryFiles) {
    const known = slots.get(file.map) ?? { taken: new Set(), next: 0 };
    slots.set(file.map, known);
    readFileEntries(object, file, known, context).forEach(put);
  }
  for (const text of config.entries) put(encodeEntry(findMap(object, text.map), text, context));
  return [...maps].flatMap(([name, entries]) => {
    const map = findMap(object, name);
    return withinCapacity(map, [...entries.values()]).map((entry) => toPlanned(map, entry, context));
  });
}

/** A user who may start alfwrapper as root must not see lines of a file that only root may read. */
const NOT_QUOTED = 'not an entry of the map, and not quoted because the file is not readable to others';

/** The slots that the files of a map have named so far, and where to look for the next free one. */
interface Slots {
  readonly taken: Set<number>;
  next: number;
}

/**
 * The entries of a file: `KEY,VALUE` a line. In a map with slots a line may be a member alone; it gets the next slot
 * that no line before it, in this file or an earlier one, has named.
 */
function readFileEntries(
  object: ObjectSpec,
  source: EntryFile,
  slots: Slots,
  context: CodecContext,
): Entry[] {
  const map = findMap(object, source.map);
  const ordinal = hasSlots(map);
  return source.lines.map(({ line, text }) => {
    const [first = '', second, ...rest] = text.split(',').map((part) => part.trim());
    const refuse = (reason: string, hint: string | undefined) =>
      new AlfError(
        'ALF_ENTRY',
        `${source.file}:${line}: ${source.quotable ? reason : NOT_QUOTED}`,
        hint === undefined ? {} : { hint },
      );
    if (rest.length > 0 || first === '' || second === '' || (second === undefined && !ordinal)) {
      const expected = ordinal ? 'expected VALUE or SLOT,VALUE' : 'expected KEY,VALUE';
      throw refuse(`${quote(text)} is not an entry of map ${quote(source.map)}`, expected);
    }
    const [key, value] = second === undefined ? [freeSlot(slots), first] : [first, second];
    if (ordinal) slots.taken.add(Number(key.slice(key.indexOf(':') + 1)));
    try {
      return encodeEntry(map, { map: map.name, key, value }, context);
    } catch (error) {
      if (!(error instanceof AlfError)) throw error;
      throw refuse(error.message, error.hint);
    }
  });
}

function freeSlot(slots: Slots): string {
  while (slots.taken.has(slots.next)) slots.next++;
  return String(slots.next);
}

/** Two slots may name the same key, which then is one entry. */
function withinCapacity({ name, maxEntries }: MapSpec, entries: readonly Entry[]): Entry[] {
  const distinct = new Map(entries.map((entry) => [toHex(entry.key), entry]));
  if (distinct.size <= maxEntries) return [...distinct.values()];
  throw new AlfError(
    'ALF_ENTRY',
    `map ${quote(name)} is full: ${distinct.size} entries for ${maxEntries} places`,
    {
      hint: 'set fewer entries, or raise max_entries in the filter',
    },
  );
}

function toPlanned(map: MapSpec, entry: Entry, context: CodecContext): PlannedEntry {
  const texts = formatEntry(map, entry, context);
  return {
    map: map.name,
    key: toHex(entry.key),
    value: toHex(entry.value),
    keyText: texts.key,
    valueText: texts.value,
    ...(isPerCpu(map.kind) ? { perCpu: true } : {}),
  };
}
