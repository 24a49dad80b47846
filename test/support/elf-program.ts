import { readFileSync } from 'node:fs';

/** The parts of an ELF header that decide whether the kernel executes the file. */
export interface ElfParts {
  /** That of the node that runs the test unless it is given. */
  readonly machine?: number;
  /** The dynamic loader; a program without one has no program headers at all. */
  readonly interpreter?: string;
}

/** A machine that none of the test machines is: EM_68K. */
export const OTHER_MACHINE = 4;

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;

/** A 64-bit ELF program without code: what execve(2) makes of it is ENOEXEC, or ENOENT if its loader is missing. */
export function elfProgram({ machine, interpreter }: ElfParts): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  readFileSync(process.execPath).copy(header, 0, 0, 20);
  if (machine !== undefined) header.writeUInt16LE(machine, 18);
  header.writeUInt16LE(PROGRAM_HEADER_BYTES, 54);
  if (interpreter === undefined) return header;
  header.writeUInt16LE(1, 56);
  header.writeBigUInt64LE(BigInt(HEADER_BYTES), 32);
  const path = Buffer.from(`${interpreter}\0`);
  const table = Buffer.alloc(PROGRAM_HEADER_BYTES);
  table.writeUInt32LE(3, 0);
  table.writeBigUInt64LE(BigInt(HEADER_BYTES + PROGRAM_HEADER_BYTES), 8);
  table.writeBigUInt64LE(BigInt(path.length), 32);
  return Buffer.concat([header, table, path]);
}
