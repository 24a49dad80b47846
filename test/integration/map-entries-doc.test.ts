import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { commandsOf, fencedBlocks } from '../support/readme.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, installed, run } from '../support/run.js';

const DOC = 'docs/map-entries.md';

/** Commands behind which stands what they print. */
const PRINTING = new Map(
  [...readFileSync(DOC, 'utf8').matchAll(/^```sh\n([^`]*)\n```\n\n```text\n([^`]*)^```$/gm)].map(
    ([, command = '', output = '']) => [command.slice(command.lastIndexOf('\n') + 1), output],
  ),
);

const EXAMPLES = commandsOf(DOC).map((command) => [command, PRINTING.get(command) ?? ''] as const);

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-map-entries-doc-'));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, 'flows.c'), fencedBlocks(DOC, 'c').join(''));

describeWith(['root', 'bpf', 'netns'], DOC, () => {
  const { server } = makeNetwork();
  const env = cleanEnvironment({
    PATH: `${installed('')}:${process.env['PATH']}`,
    XDG_CACHE_HOME: join(directory, 'cache'),
  });

  it('shows for every output which command it is of', () => {
    expect([...PRINTING.values()]).toEqual(fencedBlocks(DOC, 'text'));
  });

  it.each(EXAMPLES)('$ %s', async (command, output) => {
    const { status, stdout, stderr } = await run([...server, 'sh', '-c', command], { cwd: directory, env });
    expect(`${stdout}${stderr}`).toBe(output);
    expect(status).toBe(stderr === '' ? 0 : 125);
  });
});
