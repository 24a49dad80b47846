import {
  codecOf,
  hasSlots,
  isArrayKind,
  isPerCpu,
  type MapSpec,
  type ValueType,
  whyNotSettable,
} from '../bpf/values/index.js';
import type { EngineName, FilterFile, OpenedFilter } from '../filter/index.js';

/** A type, and how its values are written. */
export interface TypeDescription {
  /** As it stands in a declaration in C. */
  readonly type: string;
  readonly sizeBytes: number;
  /** To follow "expected". */
  readonly expects: string;
  /** Of a struct that is written by its members, or of the structs in an array. */
  readonly members?: readonly (TypeDescription & { readonly name: string })[];
}

/** A map, and how its entries are set. */
export interface MapDescription {
  readonly name: string;
  readonly kind: string;
  readonly maxEntries: number;
  /** Whether entries are set as `SLOT,KEY`. */
  readonly slots: boolean;
  /** Whether there is a value for every CPU; the one that is set goes to all. */
  readonly perCpu: boolean;
  readonly key?: TypeDescription;
  readonly value?: TypeDescription;
  /** How an entry is written, or why none can be. */
  readonly set:
    | { readonly works: true; readonly text: string }
    | { readonly works: false; readonly reason: string };
}

/** What a filter is. */
export interface FilterDescription {
  readonly name: string;
  /** Absolute; of a shipped filter its object. */
  readonly file: string;
  /** The same file as the user wrote it. */
  readonly shown: string;
  readonly shipped: boolean;
  /** What opened it: `bcc` and `clang` are for sources. */
  readonly engine: EngineName;
  /** The licence it declares to the kernel; left out if it declares none. */
  readonly license?: string;
  /** Whether it might remember one packet when it judges the next. */
  readonly keepsState: boolean;
  readonly programs: readonly { readonly name: string; readonly section: string; readonly entry: boolean }[];
  readonly maps: readonly MapDescription[];
}

/** Describes a filter of any kind. @throws AlfError ALF_OBJECT if its code cannot be read */
export function describeFilter(
  { name, file, shown, shipped }: FilterFile,
  filter: OpenedFilter,
): FilterDescription {
  const { engine, spec } = filter;
  const { license, keepsState } = filter.traits();
  return {
    ...{ name, file, shown, shipped, engine },
    ...(license === undefined ? {} : { license }),
    keepsState,
    programs: spec.programs.map(({ name, section }) => ({ name, section, entry: name === spec.entry })),
    maps: spec.maps.map(describeMap),
  };
}

function describeMap(map: MapSpec): MapDescription {
  const { name, kind, maxEntries, key, value } = map;
  const slots = hasSlots(map);
  const reason = whyNotSettable(map);
  return {
    name,
    kind,
    maxEntries,
    slots,
    perCpu: isPerCpu(kind),
    ...(key.size === 0 ? {} : { key: describeKey(map) }),
    ...(value.size === 0 ? {} : { value: describeType(value) }),
    set:
      reason === undefined
        ? { works: true, text: `${name},${slots ? 'SLOT,KEY' : 'KEY,VALUE'}` }
        : { works: false, reason },
  };
}

function describeKey({ kind, key, maxEntries }: MapSpec): TypeDescription {
  const described = describeType(key);
  const last = Math.max(maxEntries - 1, 0);
  return isArrayKind(kind) ? { ...described, expects: `a number from 0 to ${last}` } : described;
}

function describeType(type: ValueType): TypeDescription {
  const members = membersOf(type);
  const { expects } = codecOf(type);
  return {
    type: type.spelling,
    sizeBytes: type.size,
    expects: type.kind === 'opaque' ? `${expects} (${type.reason})` : expects,
    ...(members === undefined ? {} : { members }),
  };
}

function membersOf(type: ValueType): TypeDescription['members'] | undefined {
  if (type.notation !== undefined) return undefined;
  if (type.kind === 'array') return membersOf(type.element);
  return type.kind === 'struct'
    ? type.members.map(({ name, type }) => ({ name, ...describeType(type) }))
    : undefined;
}
