import { AlfError, quote } from '../../errors/index.js';
import {
  areUnique,
  arrayType,
  isIdentifier,
  isNotation,
  NOTATIONS,
  type Notation,
  namedNotation,
  notationCodec,
  opaqueType,
  type RawMember,
  structType,
  type ValueType,
} from '../values/index.js';
import { type Btf, type BtfType, resolveType } from './btf.js';

/** Deeper and larger types than any C program has: an object made to keep us busy. */
const MAX_DEPTH = 32;
const MAX_TYPES = 10_000;

/** Typedefs of the kernel's headers that say the byte order of an integer. */
const ENDIAN = /^__([bl])e(?:16|32|64)$/;

/** Reads the types of maps and variables out of BTF. */
export class BtfTypes {
  readonly #btf: Btf;
  /** Notations of declaration tags, by type and member: `12:-1` is type 12 itself. */
  readonly #tags = new Map<string, Notation>();
  #left = MAX_TYPES;

  /** @throws AlfError ALF_OBJECT for a declaration tag `alf:…` with an unknown notation */
  constructor(btf: Btf) {
    this.#btf = btf;
    for (const type of btf) {
      if (type.kind !== 'tag' || !type.name.startsWith('alf:')) continue;
      const notation = type.name.slice('alf:'.length);
      if (!isNotation(notation)) throw object(`${quote(type.name)} is not a notation`);
      this.#tags.set(`${type.type}:${type.member}`, notation);
    }
  }

  /**
   * The type of an id, complete in itself.
   *
   * @throws AlfError ALF_OBJECT for a damaged type, or a notation that does not fit its type
   */
  read(id: number): ValueType {
    this.#left = MAX_TYPES;
    const type = this.#read(id, 0);
    return this.#left > 0 ? type : opaqueType(type.name, type.spelling, type.size, 'it has too many parts');
  }

  #read(id: number, depth: number): ValueType {
    if (--this.#left <= 0 || depth > MAX_DEPTH) return opaqueType('', '…', 0, 'it has too many parts');
    const target = resolveType(this.#btf, id);
    const aliases = this.#aliases(id);
    const shape = namedNotation(this.#shape(target, aliases.end, depth));
    const { name } = aliases;
    const type = name === undefined || shape.kind === 'array' ? shape : { ...shape, spelling: name };
    return aliases.notation === undefined
      ? type
      : withNotation(type, aliases.notation, name ?? type.spelling);
  }

  /**
   * What the typedefs of a type say: the outermost one names it, and gives it a notation if it can. They do not
   * go in a circle: `resolveType` has found the end.
   */
  #aliases(id: number): { name: string | undefined; notation: Notation | undefined; end: number } {
    let name: string | undefined;
    let notation = this.#tags.get(`${id}:-1`);
    let end = id;
    for (let type = this.#btf[end]; type?.kind === 'alias'; type = this.#btf[end]) {
      if (type.name !== '') {
        name ??= type.name;
        notation ??= this.#tags.get(`${end}:-1`) ?? notationOfTypedef(type.name);
      }
      end = type.type;
    }
    return { name, notation: notation ?? this.#tags.get(`${end}:-1`), end };
  }

  #shape(type: BtfType, id: number, depth: number): ValueType {
    switch (type.kind) {
      case 'int':
        return integerType(type);
      case 'enum':
        return enumType(type);
      case 'array':
        return arrayType(this.#read(type.element, depth + 1), type.length);
      case 'struct': {
        const members = type.members.map((member, i) => this.#member(member, `${id}:${i}`, depth));
        return structType(type.name, spellTagged('struct', type.name), type.size, members);
      }
      case 'union':
        return opaqueType(type.name, spellTagged('union', type.name), type.size, 'it is a union');
      case 'pointer':
        return opaqueType('', 'pointer', 8, 'it is a pointer');
      case 'float':
        return opaqueType(type.name, type.name, type.size, 'it is a floating-point number');
      default:
        return opaqueType(type.name, type.kind, 0, 'it has no values');
    }
  }

  #member(
    member: { name: string; type: number; offset: number; bitFieldSize?: number },
    tag: string,
    depth: number,
  ): RawMember {
    const plain = this.#read(member.type, depth + 1);
    const notation = this.#tags.get(tag);
    const type = notation === undefined ? plain : withNotation(plain, notation, member.name);
    const bitField = member.bitFieldSize !== undefined || member.offset % 8 !== 0;
    return { name: member.name, type, offset: Math.floor(member.offset / 8), bitField };
  }
}

function integerType({ name, size, signed, bool, bits }: Extract<BtfType, { kind: 'int' }>): ValueType {
  if (size < 1 || size > 16) return opaqueType(name, name, size, 'its size is unusual');
  if (bits !== size * 8) return opaqueType(name, name, size, 'it is a bit-field');
  if (bool && size === 1) return { kind: 'bool', name, spelling: name, size };
  if (name === 'char') return { kind: 'char', name, spelling: name, size };
  return { kind: 'int', name, spelling: name, size, signed };
}

function enumType({ name, size, enumerators }: Extract<BtfType, { kind: 'enum' }>): ValueType {
  const spelling = spellTagged('enum', name);
  if (![1, 2, 4, 8].includes(size)) return opaqueType(name, spelling, size, 'its size is unusual');
  if (enumerators === undefined) return { kind: 'int', name, spelling, size, signed: false };
  if (!enumerators.every((enumerator) => isIdentifier(enumerator.name)))
    return opaqueType(name, spelling, size, 'it has a strangely named value');
  if (!areUnique(enumerators))
    return opaqueType(name, spelling, size, 'two of its values have the same name');
  return { kind: 'enum', name, spelling, size, enumerators };
}

function spellTagged(keyword: string, name: string): string {
  return name === '' ? keyword : `${keyword} ${name}`;
}

function notationOfTypedef(name: string): Notation | undefined {
  const order = ENDIAN.exec(name)?.[1];
  if (order !== undefined) return order === 'b' ? 'big' : 'little';
  const word = name.startsWith('alf_') ? name.slice('alf_'.length) : '';
  return isNotation(word) ? word : undefined;
}

/** Gives a notation to a type; where it does not fit an array, to its elements. */
function withNotation(type: ValueType, notation: Notation, where: string): ValueType {
  if (notationCodec(notation, type) !== undefined) return { ...type, notation };
  if (type.kind === 'array') return { ...type, element: withNotation(type.element, notation, where) };
  throw object(`notation ${notation} of ${quote(where)} is not for ${type.spelling} (${type.size} bytes)`);
}

function object(message: string): AlfError {
  return new AlfError('ALF_OBJECT', message, { hint: `the notations are: ${NOTATIONS.join(', ')}` });
}
