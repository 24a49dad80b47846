import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { AlfError, type ErrorCode, quote } from '../errors/index.js';
import { describeErrno } from '../kernel/index.js';

const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = constants;

/** The descriptor of standard input. */
export const STDIN = 0;

const READABLE_BY_OTHERS = 0o004;
const FIRST_BYTES = 64 * 2 ** 10;
const MIB = 2 ** 20;

/** The content of an input. */
export interface Input {
  readonly bytes: Buffer;
  /** Whether messages may quote it: not the text of a file that other users cannot read. */
  readonly quotable: boolean;
}

/** How to read an input, and how to refuse it. */
export interface InputOptions {
  readonly code: ErrorCode;
  /** The limit of its size; a whole number of MiB. */
  readonly maxBytes: number;
  /** The hint if it cannot be opened or read. */
  readonly hint?: string;
}

/**
 * Reads the whole content of a file, a pipe or a device.
 *
 * The type is read from the opened descriptor. A FIFO is refused: opening it waits for a writer, or finds it empty
 * without one. A pipe that the shell has opened is read until its writers close it.
 *
 * @param source a path, or {@link STDIN}
 * @throws AlfError with the given code if it cannot be read, is a directory or FIFO, or is larger than allowed
 */
export function readInput(source: string | typeof STDIN, options: InputOptions): Input {
  const { code, maxBytes, hint } = options;
  const what = `unable to read ${source === STDIN ? 'standard input' : quote(source)}`;
  const refuse = (reason: string, advice = hint, errno?: string) =>
    new AlfError(code, `${what}: ${reason}`, {
      ...(advice === undefined ? {} : { hint: advice }),
      ...(errno === undefined ? {} : { errno }),
    });
  try {
    return withOpened(source, (fd) => {
      const status = fstatSync(fd);
      if (status.isDirectory()) throw refuse('it is a directory', hint, 'EISDIR');
      if (source !== STDIN && isNamedFifo(fd, status))
        throw refuse('it is a FIFO', 'expected a file, or a pipe that the shell has opened: <(command)');
      const bytes = status.size > maxBytes ? undefined : readWhole(fd, source, status, maxBytes);
      if (bytes === undefined) throw refuse(`it is larger than ${maxBytes / MIB} MiB, which is the limit`);
      return { bytes, quotable: source === STDIN || isQuotable(status) };
    });
  } catch (error) {
    if (error instanceof AlfError) throw error;
    const { name, text } = describeErrno(-((error as NodeJS.ErrnoException).errno ?? 0));
    throw refuse(text, hint, name);
  }
}

function withOpened<T>(source: string | typeof STDIN, read: (fd: number) => T): T {
  if (source === STDIN) return read(STDIN);
  // O_NONBLOCK and O_NOCTTY: the open neither waits nor acquires a terminal.
  const fd = openSync(source, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  try {
    return read(fd);
  } finally {
    closeSync(fd);
  }
}

function readWhole(
  fd: number,
  source: string | typeof STDIN,
  status: Stats,
  maxBytes: number,
): Buffer | undefined {
  if (source === STDIN || status.isFile()) return readBounded(fd, status.size, maxBytes);
  // The same pipe or device, opened again without O_NONBLOCK, so that reads wait for the writer.
  const waiting = openSync(`/proc/self/fd/${fd}`, O_RDONLY | O_NOCTTY);
  try {
    return readBounded(waiting, status.size, maxBytes);
  } finally {
    closeSync(waiting);
  }
}

/** @returns undefined if there is more; the size that fstat(2) returned may be wrong */
function readBounded(fd: number, size: number, maxBytes: number): Buffer | undefined {
  let buffer = Buffer.allocUnsafe(Math.min(Math.max(size, FIRST_BYTES), maxBytes) + 1);
  let length = 0;
  for (;;) {
    const read = readSync(fd, buffer, length, buffer.length - length, null);
    if (read === 0) return buffer.subarray(0, length);
    length += read;
    if (length > maxBytes) return undefined;
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(2 * length, maxBytes + 1));
  }
}

function isNamedFifo(fd: number, status: Stats): boolean {
  return status.isFIFO() && !readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:');
}

/** The mode of a pipe does not say whether its content is secret. */
function isQuotable(status: Stats): boolean {
  return status.isFIFO() || (status.mode & READABLE_BY_OTHERS) !== 0;
}
