import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { commandsOf } from '../support/readme.js';
import { cleanEnvironment, installed, run } from '../support/run.js';

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-lists-doc-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** What each command of the document prints, and its status. */
const RESULTS: readonly (readonly [command: RegExp, status: number, prints: string])[] = [
  [/^printf 'create /, 0, ''],
  [
    /--deny @bad 198/,
    0,
    '198.51.100.1 allow: default\nalfwrapper: set bad: bad.save read as the output of ipset save: 1 entry, 1 range\n',
  ],
  [/^printf '\{/, 0, ''],
  [
    /--allow @aws/,
    0,
    '203.0.113.9 allow: allow from @aws (--allow)\nalfwrapper: set aws: aws.json read as the IP ranges of AWS as JSON: 1 entry, 1 range\n',
  ],
  [/^printf '192/, 0, ''],
  [
    /list\.csv' --deny/,
    2,
    'alfwrapper: list.csv:1:1: 192.0.2.1,DE is not an IP address\n  hint: this is CSV: cut -d, -f1 FILE\n',
  ],
  [/^cut /, 0, ''],
  [/list\.txt' --deny/, 1, '192.0.2.1 deny: deny from @bad (--deny)\n'],
];

it('the commands of docs/lists.md do what it says, in order', async () => {
  const commands = commandsOf('docs/lists.md');
  expect(commands).toHaveLength(RESULTS.length);
  for (const [index, command] of commands.entries()) {
    const [pattern, status, prints] = RESULTS[index] ?? [/$^/, -1, ''];
    expect(command).toMatch(pattern);
    const PATH = `${installed('')}:${process.env['PATH']}`;
    const result = await run(['sh', '-c', command], { cwd: directory, env: cleanEnvironment({ PATH }) });
    expect({ command, status: result.status, prints: result.stdout + result.stderr }).toEqual({
      command,
      status,
      prints,
    });
  }
});
