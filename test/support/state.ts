import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { fixture, run } from './run.js';

/**
 * Starts the state fixture behind a command, and gives back what it saw of itself, a line a fact.
 *
 * @param command what comes in front of it: nothing for a direct start
 */
export async function observe(
  command: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-state-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  chmodSync(directory, 0o777);
  const file = join(directory, 'state');
  const words = [...command, fixture('state'), file];
  const { status, stderr } = await run(words, env === undefined ? {} : { env });
  if (status !== 0) throw new Error(`${words.join(' ')}: ${status} ${stderr}`);
  return readFileSync(file, 'utf8').replaceAll(directory, 'DIRECTORY').trimEnd().split('\n');
}
