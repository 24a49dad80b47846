import { AlfError, quote } from '../../errors/index.js';
import { type MapSpec, mapKind, opaqueType, type ValueType } from '../values/index.js';
import { type Btf, type BtfType, parseBtf, resolveType } from './btf.js';
import { BtfTypes } from './btf-type.js';
import { type Elf, parseElf } from './elf.js';
import { pickEntry } from './entry-program.js';

/** A program of an object that a filter can start at. */
export interface ProgramSpec {
  /** The function's name. */
  readonly name: string;
  /** What SEC("…") says: `socket`. */
  readonly section: string;
}

/** A filter as its object, or BCC, describes it; not yet in any kernel. */
export interface ObjectSpec {
  /** Name of the entry program. */
  readonly entry: string;
  /** In the order of the symbol table. */
  readonly programs: readonly ProgramSpec[];
  readonly maps: readonly MapSpec[];
  /** Byte order of the object, and so of the numbers in its maps. */
  readonly littleEndian: boolean;
}

/** Functions of this section are called by programs; they are not programs. */
const SUBPROGRAMS = '.text';

/**
 * Reads what a compiled filter declares: its programs, which of them it starts at, and its maps with their types.
 *
 * @param wanted name of the program it is to start at; without one it is `filter`, or the only one there is
 * @throws AlfError ALF_OBJECT if the file is not such an object, has maps without BTF, or no such program for sockets
 */
export function describeObject(file: Uint8Array, wanted?: string): ObjectSpec {
  const elf = parseElf(file);
  const entry = pickEntry(elf.functions, wanted);
  const programs = elf.functions.filter(({ section }) => section !== SUBPROGRAMS);
  return { entry, programs, maps: readMaps(elf), littleEndian: elf.littleEndian };
}

function readMaps(elf: Elf): MapSpec[] {
  const section = elf.section('.BTF');
  if (section === undefined) {
    if (elf.section('.maps') === undefined) return [];
    throw new AlfError('ALF_OBJECT', 'the object has maps but no BTF', { hint: 'compile it with -g' });
  }
  const btf = parseBtf(section, elf.littleEndian);
  const declared = btf.find((type) => type.kind === 'datasec' && type.name === '.maps');
  if (declared?.kind !== 'datasec') return [];
  const types = new BtfTypes(btf);
  return declared.members.map((member) => {
    const variable = resolveType(btf, member.type);
    if (variable.kind !== 'var')
      throw new AlfError('ALF_OBJECT', 'the object declares a map that is not a variable', {
        hint: 'compile the object again',
      });
    return describeMap(btf, types, variable.name, resolveType(btf, variable.type));
  });
}

/** A map's declaration is a struct whose members carry numbers as array lengths and types as pointers. */
function describeMap(btf: Btf, types: BtfTypes, name: string, declaration: BtfType): MapSpec {
  if (declaration.kind !== 'struct') {
    throw new AlfError('ALF_OBJECT', `map ${quote(name)} is not declared as a struct`, {
      hint: 'declare maps with __uint and __type in SEC(".maps")',
    });
  }
  const pointee = (member: string): number | undefined => {
    const found = declaration.members.find((candidate) => candidate.name === member);
    const pointer = found && resolveType(btf, found.type);
    return pointer?.kind === 'pointer' ? pointer.type : undefined;
  };
  const number = (member: string): number => {
    const id = pointee(member);
    const type = id === undefined ? undefined : resolveType(btf, id);
    return type?.kind === 'array' ? type.length : 0;
  };
  const type = (member: 'key' | 'value'): ValueType => {
    const id = pointee(member);
    if (id !== undefined) return types.read(id);
    return opaqueType('', 'void', number(`${member}_size`), 'only its size is declared');
  };
  return {
    name,
    kind: mapKind(number('type')),
    maxEntries: number('max_entries'),
    key: type('key'),
    value: type('value'),
  };
}
