import { closeSync, openSync, readSync } from 'node:fs';
import { AlfError, quote } from '../errors/index.js';
import { findFormatHandlers } from './binfmt.js';
import { type ElfProgram, parseElfProgram } from './elf-program.js';

/** The kernel looks for `#!` and its interpreter in so many bytes: BINPRM_BUF_SIZE. */
const LINE_BYTES = 256;
/** Enough for the headers of an ELF program and the path of its dynamic loader, which linkers put first. */
const START_BYTES = 4096;
/** Scripts that are interpreters of scripts, before execve(2) answers ELOOP. */
const MAX_SCRIPTS = 5;

/** What execve(2) says of a format that it does not know: ENOEXEC. */
const FORMAT = 'Exec format error';
const SCRIPT = '#!';
/** The interpreter ends at a blank, or where the file does. */
const INTERPRETER = /^#![ \t]*([^ \t\n\0]+)(?=[ \t\n\0])/;

/** Machines whose programs one kernel may run, by their numbers in elf(5): x86, Arm and Power have two or three. */
const MACHINES: readonly (readonly number[])[] = [
  [3, 6, 62],
  [40, 183],
  [20, 21],
];

/**
 * Checks that execve(2) knows the format of a program and finds its interpreter: the one after `#!`, the one of that, and
 * the dynamic loader of an ELF program. A program that may be executed but not read is not judged, and neither is what a
 * handler of binfmt_misc may take.
 *
 * @param program a file that may be executed
 * @param shown what messages call it
 * @param isExecutable asks whether a file may be executed
 * @throws AlfError ALF_NOT_EXECUTABLE
 * @see execve(2)
 */
export function checkFormat(
  program: Uint8Array,
  shown: string,
  isExecutable: (file: Uint8Array) => boolean,
): void {
  let file = program;
  for (let scripts = 0; ; scripts++) {
    const start = readStart(file);
    if (start === undefined) return;
    const name =
      file === program ? shown : `${shown}: its interpreter ${quote(Buffer.from(file).toString())}`;
    const interpreter = scriptInterpreter(start);
    if (interpreter === undefined) {
      checkBinary(start, name, isExecutable);
      return;
    }
    if (scripts === MAX_SCRIPTS)
      throw refused(shown, `more than ${MAX_SCRIPTS} scripts interpret each other`);
    file = Buffer.from(interpreter, 'latin1');
    if (!isExecutable(file)) {
      const reason = `its interpreter ${quote(interpreter)} is not an executable file`;
      throw refused(name, reason, 'check its first line');
    }
  }
}

/** Checks a file that is not a script. */
function checkBinary(start: Buffer, name: string, isExecutable: (file: Uint8Array) => boolean): void {
  const program = parseElfProgram(start);
  const fit = program === undefined ? 'none' : fitOf(program);
  const interpreter = program?.interpreter;
  const isLost = interpreter !== undefined && !isExecutable(Buffer.from(interpreter, 'latin1'));
  if (fit !== 'none' && !isLost) return;
  const handlers = findFormatHandlers();
  if (handlers === 'some') return;
  // Handlers that do not show may be for other machines and for binary formats; none is for text or this machine.
  const isText = program === undefined && !start.subarray(0, LINE_BYTES).includes(0);
  if (handlers === 'unseen' && !isText && fit !== 'same') return;
  if (program === undefined)
    throw refused(name, FORMAT, 'a script begins with #! and the path of its interpreter');
  if (fit === 'none') throw refused(name, FORMAT, 'it is built for another kind of machine');
  const reason = `its interpreter ${quote(interpreter ?? '')} is not an executable file`;
  throw refused(name, reason, 'it is linked for a dynamic loader that this system does not have');
}

/** Whether the kernel may run it: it is for the machine of the program that runs now, or for one of the same family. */
function fitOf({ machine, littleEndian }: ElfProgram): 'same' | 'family' | 'none' {
  const own = parseElfProgram(readStart(Buffer.from('/proc/self/exe')) ?? new Uint8Array());
  if (own === undefined || (machine === own.machine && littleEndian === own.littleEndian)) return 'same';
  return MACHINES.some((family) => family.includes(machine) && family.includes(own.machine))
    ? 'family'
    : 'none';
}

/** @returns undefined for a file that is not a script, or has no interpreter that the kernel reads */
function scriptInterpreter(start: Buffer): string | undefined {
  const line = start.toString('latin1', 0, LINE_BYTES);
  if (!line.startsWith(SCRIPT)) return undefined;
  return INTERPRETER.exec(start.length < LINE_BYTES ? `${line}\0` : line)?.[1];
}

/** The first bytes of a file; undefined if it cannot be read. */
function readStart(file: Uint8Array): Buffer | undefined {
  try {
    const fd = openSync(Buffer.from(file), 'r');
    try {
      const bytes = Buffer.alloc(START_BYTES);
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

function refused(name: string, reason: string, hint?: string): AlfError {
  return new AlfError(
    'ALF_NOT_EXECUTABLE',
    `unable to execute ${name}: ${reason}`,
    hint === undefined ? {} : { hint },
  );
}
