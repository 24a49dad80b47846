import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { uapi } from '../../../../src/bpf/cbpf/index.js';

it("has the numbers of the system's headers", () => {
  const directory = mkdtempSync(join(tmpdir(), 'alf-uapi-'));
  try {
    const lines = Object.keys(uapi).map((name) => `printf("%s %u\\n", "${name}", (unsigned)(${name}));`);
    const headers = ['stdio.h', 'linux/filter.h', 'linux/if_ether.h'].map((name) => `#include <${name}>`);
    const source = [...headers, 'int main(void) {', ...lines, 'return 0; }'].join('\n');
    const program = join(directory, 'uapi');
    execFileSync('gcc', ['-x', 'c', '-', '-o', program], { input: source });
    const printed = execFileSync(program, { encoding: 'utf8' }).trim().split('\n');
    expect(printed).toEqual(Object.entries(uapi).map(([name, value]) => `${name} ${value}`));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
