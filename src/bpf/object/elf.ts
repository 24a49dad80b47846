import { AlfError } from '../../errors/index.js';
import { Reader } from './reader.js';

/** A function of an object and the section its code is in. */
export interface ElfFunction {
  readonly name: string;
  readonly section: string;
}

/** What we need of an ELF object. */
export interface Elf {
  readonly littleEndian: boolean;
  /** The bytes of a section, a view into the file; undefined if there is none of that name. */
  section(name: string): Uint8Array | undefined;
  /** The instructions of each section that has some, views into the file. */
  code(): Uint8Array[];
  /** Global functions, in symbol table order. */
  readonly functions: readonly ElfFunction[];
}

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

const EM_BPF = 247;
const ELFCLASS64 = 2;
const ELFDATA2LSB = 1;
const SHF_EXECINSTR = 4;
const SHT_SYMTAB = 2;
const SHT_NOBITS = 8;
const STT_FUNC = 2;
const STB_GLOBAL = 1;
const SYMBOL_SIZE = 24;

/**
 * Reads the section table and the global functions of a 64-bit ELF object for BPF.
 *
 * @throws AlfError ALF_OBJECT if it is not one, or is damaged
 * @see elf(5)
 */
export function parseElf(file: Uint8Array): Elf {
  const isElf = file[0] === 0x7f && file[1] === 0x45 && file[2] === 0x4c && file[3] === 0x46;
  if (!isElf) throw notAnObject(file.length === 0 ? 'the file is empty' : 'the file is not an ELF object');
  if (file[4] !== ELFCLASS64) throw notAnObject('the object is not 64-bit');

  const littleEndian = file[5] === ELFDATA2LSB;
  const reader = new Reader(file, littleEndian, 'the ELF object');
  if (reader.u16(18) !== EM_BPF) throw notAnObject('the object is not for the BPF machine');

  const sections = readSections(reader);
  return {
    littleEndian,
    section: (name) => {
      const found = sections.find((section) => section.name === name && section.type !== SHT_NOBITS);
      return found && reader.slice(found.offset, found.size);
    },
    code: () =>
      sections
        .filter(({ type, flags }) => type !== SHT_NOBITS && (flags & SHF_EXECINSTR) !== 0)
        .map(({ offset, size }) => reader.slice(offset, size)),
    functions: readFunctions(reader, sections),
  };
}

function readSections(reader: Reader): Section[] {
  const table = reader.u64(40);
  const entrySize = reader.u16(58);
  const count = reader.u16(60);
  const headers = Array.from({ length: count }, (_, i) => table + i * entrySize);
  const namesHeader = headers[reader.u16(62)];
  if (namesHeader === undefined) throw notAnObject('the object has no section names');

  // The table stands at the end as a rule: a file that was cut short lacks a part of it.
  reader.part(table, count * entrySize);
  const names = reader.u64(namesHeader + 24);
  return headers.map((at) => ({
    name: reader.text(names + reader.u32(at)),
    type: reader.u32(at + 4),
    flags: reader.u64(at + 8),
    offset: reader.u64(at + 24),
    size: reader.u64(at + 32),
    link: reader.u32(at + 40),
  }));
}

function readFunctions(reader: Reader, sections: readonly Section[]): ElfFunction[] {
  const symbols = sections.find((section) => section.type === SHT_SYMTAB);
  const strings = symbols && sections[symbols.link];
  if (!symbols || !strings) return [];

  const functions: ElfFunction[] = [];
  for (let at = symbols.offset; at + SYMBOL_SIZE <= symbols.offset + symbols.size; at += SYMBOL_SIZE) {
    const info = reader.u8(at + 4);
    const section = sections[reader.u16(at + 6)];
    if ((info & 0xf) !== STT_FUNC || info >> 4 !== STB_GLOBAL || section === undefined) continue;
    functions.push({ name: reader.text(strings.offset + reader.u32(at)), section: section.name });
  }
  return functions;
}

function notAnObject(reason: string): AlfError {
  return new AlfError('ALF_OBJECT', reason, {
    hint: 'expected what "clang -target bpf -g -O2 -c FILTER.c -o FILTER.bpf.o" makes',
  });
}
