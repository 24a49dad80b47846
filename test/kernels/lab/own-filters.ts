import { basename, resolve } from 'node:path';
import { compile } from '../../../src/filter/clang/compile.js';
import { findCompiler } from '../../../src/filter/clang/compiler.js';
import type { Entry } from './cpio.js';

/** Filters as users write them. */
const SOURCES = ['test/fixtures/filters/last-octets.c', 'examples/count-sources.c', 'examples/first-bytes.c'];

/**
 * Compiles filters of a user as the product does: guests have no clang.
 *
 * @returns objects at /checks/NAME.bpf.o
 * @throws AlfError ALF_COMPILE
 */
export function compileOwnFilters(): Entry[] {
  const context = {
    root: process.cwd(),
    variable: (name: string) => process.env[name],
    warn: (line: string) => {
      throw new Error(line);
    },
  };
  return SOURCES.map((shown) => {
    const name = basename(shown, '.c');
    const file = resolve(shown);
    const { object } = compile({ file, shown }, findCompiler(context, shown), context);
    return { path: `/checks/${name}.bpf.o`, data: object };
  });
}
