/**
 * The library `alfwrapper/bcc`: C in BCC's dialect, compiled and used from JavaScript. See docs/bcc.md.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type BccModule,
  type BccSource,
  compileModule,
  kernelSource,
  readSource,
} from '../../filter/index.js';
import { loadOps, type Ops } from '../../kernel/index.js';

export { AlfError, type ErrorCode } from '../../errors/index.js';
export type {
  BccModule,
  BccSource,
  LoadedFunction,
  Table,
  TableDescription,
  Written,
} from '../../filter/index.js';

let ops: Ops | undefined;

/**
 * Compiles C in BCC's dialect and creates its tables in the kernel, which takes CAP_BPF if there are any.
 *
 * It blocks for a fifth of a second or more. If LLVM crashes, or ends the process as it does on some errors, one line is
 * printed and the exit status is 125.
 *
 * @returns the module, which holds descriptors until it is closed
 * @throws AlfError ALF_FILTER if the source cannot be read, ALF_COMPILE with `FILE:LINE:COLUMN: message` and in `detail`
 *   everything the compiler said, ALF_MAP if the kernel refuses a table, ALF_NATIVE without libbcc
 */
export function compile(source: BccSource): BccModule {
  // The bundle lies in <root>/dist.
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  ops ??= loadOps(root, process.dlopen);
  return compileModule(ops, readSource(source), kernelSource(root, process.env['BCC_KERNEL_SOURCE']));
}
