import { execFileSync } from 'node:child_process';
import { makeDirectory } from './directory.js';

/** The values of constant expressions in C, as unsigned numbers of 64 bits, in their order. */
export function numbersInC(
  headers: readonly string[],
  expressions: readonly string[],
  flags: readonly string[] = [],
): number[] {
  const includes = ['stddef.h', 'stdio.h', ...headers].map((header) => `#include <${header}>`);
  const lines = expressions.map((expression) => `printf("%llu\\n", (unsigned long long)(${expression}));`);
  const root = makeDirectory({
    'numbers.c': [...includes, 'int main(void) {', ...lines, 'return 0; }', ''].join('\n'),
  });
  execFileSync('cc', [...flags, `${root}/numbers.c`, '-o', `${root}/numbers`]);
  return execFileSync(`${root}/numbers`, { encoding: 'utf8' }).trim().split('\n').map(Number);
}
