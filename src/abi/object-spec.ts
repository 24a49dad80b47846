import { AlfError, quote } from '../errors/index.js';
import { type Btf, type BtfType, parseBtf, resolveType } from './btf.js';
import { parseElf } from './elf.js';

/** The kinds of maps by BPF_MAP_TYPE_* number, as far as their entries can be set by hand. */
const MAP_KINDS: Readonly<Record<number, MapKind>> = {
  1: 'hash',
  2: 'array',
  9: 'lru_hash',
  11: 'lpm_trie',
};

/** The kind of a map; `other` for all whose entries `--set` does not write. */
export type MapKind = 'hash' | 'array' | 'lru_hash' | 'lpm_trie' | 'other';

/** A map as its object declares it. */
export interface MapSpec {
  readonly name: string;
  readonly kind: MapKind;
  /** How many entries it takes; 0 if the declaration leaves that to whoever creates it. */
  readonly maxEntries: number;
  /** The type of a key and of a value; `void` where the declaration gives a size only. */
  readonly key: BtfType;
  readonly value: BtfType;
}

/** A compiled filter, read but not yet in any kernel. */
export interface ObjectSpec {
  /** Name of the entry program. */
  readonly entry: string;
  readonly maps: readonly MapSpec[];
  /** Byte order of the object, and so of the numbers in its maps. */
  readonly littleEndian: boolean;
}

/** The function a filter starts at. */
const ENTRY = 'filter';

/**
 * Reads what a compiled filter declares: its entry and its maps with their types.
 *
 * @throws AlfError ALF_OBJECT if the file is not such an object, has no function `filter`, or has maps without BTF
 */
export function describeObject(file: Uint8Array): ObjectSpec {
  const elf = parseElf(file);
  if (!elf.functions.some(({ name }) => name === ENTRY)) {
    const others = elf.functions.map(({ name }) => name).join(', ') || 'none';
    throw new AlfError('ALF_OBJECT', `the object has no function ${ENTRY} (it has: ${others})`, {
      hint: 'the entry of a filter is: SEC("socket") int filter(struct __sk_buff *skb)',
    });
  }
  const { littleEndian } = elf;
  const section = elf.section('.BTF');
  if (section === undefined) {
    if (elf.section('.maps') === undefined) return { entry: ENTRY, maps: [], littleEndian };
    throw new AlfError('ALF_OBJECT', 'the object has maps but no BTF', { hint: 'compile it with -g' });
  }
  return { entry: ENTRY, maps: describeMaps(parseBtf(section, littleEndian)), littleEndian };
}

function describeMaps(btf: Btf): MapSpec[] {
  const declared = btf.find((type) => type.kind === 'datasec' && type.name === '.maps');
  if (declared?.kind !== 'datasec') return [];
  return declared.members.map((member) => {
    const variable = resolveType(btf, member.type);
    if (variable.kind !== 'var')
      throw new AlfError('ALF_OBJECT', 'the object declares a map that is no variable');
    return describeMap(btf, variable.name, resolveType(btf, variable.type));
  });
}

/** A map's declaration is a struct whose members carry numbers as array lengths and types as pointers. */
function describeMap(btf: Btf, name: string, declaration: BtfType): MapSpec {
  if (declaration.kind !== 'struct') {
    throw new AlfError('ALF_OBJECT', `map ${quote(name)} is not declared as a struct`, {
      hint: 'declare maps with __uint and __type in SEC(".maps")',
    });
  }
  const pointee = (member: string): BtfType => {
    const found = declaration.members.find((candidate) => candidate.name === member);
    const pointer = found && resolveType(btf, found.type);
    return pointer?.kind === 'pointer' ? resolveType(btf, pointer.type) : { kind: 'void', name: '' };
  };
  const number = (member: string): number => {
    const type = pointee(member);
    return type.kind === 'array' ? type.length : 0;
  };
  return {
    name,
    kind: MAP_KINDS[number('type')] ?? 'other',
    maxEntries: number('max_entries'),
    key: pointee('key'),
    value: pointee('value'),
  };
}
