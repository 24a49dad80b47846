import { findMap, type ValueType } from '../bpf/values/index.js';
import { isUnix } from '../net/index.js';
import { interfaceNames } from '../policy/index.js';
import type { FilterInput } from './capabilities.js';
import type { Config } from './config.js';
import { planEntries } from './entries.js';

/** The notation of interfaces. @see docs/map-entries.md */
const NOTATION = 'ifname';

/**
 * The names of which the plan needs to know the interface: those in rules, in scoped addresses and in map entries.
 *
 * @throws AlfError ALF_ENTRY for an entry that does not fit its map
 */
export function interfaceQuestions(config: Config, { policy, spec }: FilterInput): Set<string> {
  const names = new Set(policy === undefined ? [] : interfaceNames(policy));
  for (const listener of [...config.listeners, ...(config.interception?.declared ?? [])])
    if (!isUnix(listener) && listener.address.zone !== '') names.add(listener.address.zone);
  if (!mayNameInterfaces(config, spec)) return names;
  planEntries(spec, config, {
    littleEndian: spec.littleEndian,
    warn: () => {},
    interfaceIndex: (name) => {
      names.add(name);
      // Unlike any other, so that entries of two interfaces stay two.
      return names.size;
    },
    interfaceName: () => undefined,
  });
  return names;
}

/** Whether one of the entries can hold an interface: by the type of its map, or because it says so. */
function mayNameInterfaces({ entries, entryFiles }: Config, spec: FilterInput['spec']): boolean {
  const used = new Set([...entries, ...entryFiles].map(({ map }) => map));
  const typed = [...used]
    .map((name) => findMap(spec, name))
    .some(({ key, value }) => hasInterface(key) || hasInterface(value));
  const texts = [
    ...entries.flatMap(({ key, value }) => [key, value]),
    ...entryFiles.flatMap(({ lines }) => lines.map(({ text }) => text)),
  ];
  return typed || texts.some((text) => text.includes(`${NOTATION}:`));
}

function hasInterface(type: ValueType): boolean {
  if (type.notation === NOTATION) return true;
  if (type.kind === 'array') return hasInterface(type.element);
  return type.kind === 'struct' && type.members.some((member) => hasInterface(member.type));
}
