import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { commandsOf, fencedBlocks } from '../support/readme.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, installed, run } from '../support/run.js';

const DOC = 'docs/filters.md';
const text = readFileSync(DOC, 'utf8');

/** The files of the document, by the name in front of each. */
const FILES = [...text.matchAll(/`(\w+\.c)`[^`]*:\n\n```c\n(.*?)^```$/gms)].map(
  ([, name = '', source = '']) => ({
    name,
    source,
  }),
);

/** Commands, and what stands behind them as their output: of several in one block, all of it together. */
const BLOCKS = [...text.matchAll(/^```sh\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?/gms)].map(
  ([, commands = '', output]) => ({ commands, output }),
);

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-filters-doc-'));
afterAll(() => rmSync(directory, { recursive: true }));

describeWith(['root', 'bpf', 'netns'], DOC, () => {
  const { server } = makeNetwork();
  for (const { name, source } of FILES) writeFileSync(join(directory, name), source);
  symlinkSync(installed('alfwrapper'), join(directory, 'alfwrapper'));

  it('has a name for every source, and runs every command', () => {
    expect(FILES.map(({ name }) => name)).toEqual(['small.c', 'port.c', 'gate.c']);
    expect(fencedBlocks(DOC, 'c')).toEqual(FILES.map(({ source }) => source));
    expect(BLOCKS.flatMap(({ commands }) => commands.trimEnd().split('\n'))).toEqual(commandsOf(DOC));
    expect(fencedBlocks(DOC, 'text')).toEqual(BLOCKS.flatMap(({ output }) => output ?? []));
  });

  it.each(BLOCKS)('$commands', async ({ commands, output }) => {
    const env = cleanEnvironment({
      PATH: `${directory}:${process.env['PATH']}`,
      ALFWRAPPER: installed(''),
      XDG_CACHE_HOME: join(directory, 'cache'),
    });
    const { stdout, stderr } = await run([...server, 'sh', '-c', commands], { cwd: directory, env });
    // -v talks on standard error.
    expect(stderr.replace(/^alfwrapper: (?!unable|warning).*\n/gm, '')).toBe('');
    expect(stdout).toBe(output ?? '');
  });
});
