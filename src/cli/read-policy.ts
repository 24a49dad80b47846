import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AlfError, quote } from '../errors/index.js';
import { type Address, parseAddress } from '../net/index.js';
import {
  listNeeds,
  type PolicyInputs,
  type PolicyNeeds,
  type PolicyOption,
  policyFromOptions,
  type ResolvedPolicy,
  resolvePolicy,
} from '../policy/index.js';
import type { Given } from './cut.js';

const STDIN = '<stdin>';

/**
 * Makes the policy of a command line: reads its files, looks its host names up, resolves the rest.
 *
 * @param given options in order; those that are no rule options are passed over
 * @returns undefined if there is no rule option
 * @throws AlfError ALF_RULE for anything wrong in the rules, ALF_POLICY_INPUT for a file or name that cannot be had
 */
export async function readPolicy(given: readonly Given[]): Promise<ResolvedPolicy | undefined> {
  const options = given.flatMap(({ option, value }) => readOption(option.name, String(value)));
  if (options.length === 0) return undefined;
  const source = policyFromOptions(options);
  return resolvePolicy(source, await readNeeds(listNeeds(source)));
}

/** Reads a file of rules as its author wrote it; `-` is standard input. @throws AlfError ALF_POLICY_INPUT */
export function readPolicyText(file: string): { readonly text: string; readonly file: string } {
  const text = readInput(file === '-' ? 0 : file, file === '-' ? 'standard input' : file).toString('utf8');
  return { text, file: file === '-' ? STDIN : file };
}

function readOption(name: string, value: string): PolicyOption[] {
  if (name === 'allow' || name === 'deny' || name === 'rule') return [{ option: name, text: value }];
  return name === 'policy' ? [{ option: 'policy', ...readPolicyText(value) }] : [];
}

async function readNeeds(needs: PolicyNeeds): Promise<PolicyInputs> {
  const files = new Map(
    needs.files.map(({ name, path, location }): [string, Uint8Array] => {
      // A path in a file is relative to that file, so that a policy can be moved together with its sets.
      const isFile = !location.file.startsWith('--') && location.file !== STDIN;
      const file = isFile ? resolve(dirname(location.file), path) : resolve(path);
      return [name, readInput(file, file)];
    }),
  );
  const hosts = new Map<string, readonly Address[]>();
  for (const { name } of needs.hosts) hosts.set(name, await lookUp(name));
  return { files, hosts };
}

async function lookUp(name: string): Promise<Address[]> {
  try {
    // Loading it costs a millisecond, which most policies need not pay.
    const { lookup } = await import('node:dns/promises');
    const found = await lookup(name, { all: true, verbatim: true });
    return found.map(({ address }) => parseAddress(address));
  } catch (error) {
    throw inputError(
      `unable to look up ${quote(name)}`,
      error,
      'write its address instead, or add it to /etc/hosts',
    );
  }
}

function readInput(file: string | 0, shown: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw inputError(`unable to read ${quote(shown)}`, error);
  }
}

function inputError(message: string, error: unknown, hint?: string): AlfError {
  const { code } = error as NodeJS.ErrnoException;
  return new AlfError('ALF_POLICY_INPUT', message, {
    ...(code === undefined ? {} : { errno: code }),
    ...(hint === undefined ? {} : { hint }),
  });
}
