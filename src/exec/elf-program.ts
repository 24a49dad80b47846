/** The parts of an ELF program that execve(2) checks. */
export interface ElfProgram {
  /** EM_X86_64 and the like; 0 if the file ends before. */
  readonly machine: number;
  readonly littleEndian: boolean;
  /** The path of the dynamic loader; undefined for a static program, and where the start of the file does not hold it. */
  readonly interpreter: string | undefined;
}

// elf(5)
const MAGIC = '\x7fELF';
const CLASS_64 = 2;
const DATA_LITTLE = 1;
const PT_INTERP = 3;
const HEADER_BYTES = 64;

/** Places in the header and in a program header, by class. */
const WIDE = { tableAt: 32, sizeAt: 54, countAt: 56, offsetAt: 8, lengthAt: 32 };
const NARROW = { tableAt: 28, sizeAt: 42, countAt: 44, offsetAt: 4, lengthAt: 16 };

/**
 * Reads the start of an ELF program.
 *
 * @param start the first bytes of the file
 * @returns undefined for other files
 */
export function parseElfProgram(start: Uint8Array): ElfProgram | undefined {
  if (Buffer.from(start.subarray(0, MAGIC.length)).toString('latin1') !== MAGIC) return undefined;
  // The kernel as well reads zeros beyond the end of the file.
  const bytes = Buffer.concat([start, Buffer.alloc(HEADER_BYTES)]);
  const littleEndian = bytes[5] === DATA_LITTLE;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isWide = bytes[4] === CLASS_64;
  const { tableAt, sizeAt, countAt, offsetAt, lengthAt } = isWide ? WIDE : NARROW;
  const half = (at: number) => view.getUint16(at, littleEndian);
  const address = (at: number) =>
    isWide ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
  const [table, size, count] = [address(tableAt), half(sizeAt), half(countAt)];
  let interpreter: string | undefined;
  for (let index = 0; index < count && interpreter === undefined; index++) {
    const at = table + index * size;
    if (at + size > start.length || size < lengthAt + 8) break;
    if (view.getUint32(at, littleEndian) !== PT_INTERP) continue;
    const [offset, length] = [address(at + offsetAt), address(at + lengthAt)];
    if (offset + length > start.length) break;
    interpreter = bytes.toString('latin1', offset, offset + length).replace(/\0.*$/s, '');
  }
  return { machine: half(18), littleEndian, interpreter };
}
