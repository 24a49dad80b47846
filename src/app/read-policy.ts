import { dirname, resolve } from 'node:path';
import { AlfError, quote } from '../errors/index.js';
import { readInput, STDIN, unquoted } from '../files/index.js';
import { type Address, parseAddress } from '../net/index.js';
import {
  decodePolicyText,
  type KnownInterface,
  listNeeds,
  type PolicyInputs,
  type PolicyNeeds,
  type PolicyPart,
  policyFromParts,
  type ResolvedPolicy,
  resolvePolicy,
} from '../policy/index.js';

/** Finds an interface by a name that a rule gives; undefined if there is none. */
type FindInterface = (name: string) => KnownInterface | undefined;

/** What messages call standard input. */
const STDIN_NAME = '<stdin>';

const INPUT = { code: 'ALF_POLICY_INPUT' } as const;

/** What stands for bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

const MIB = 2 ** 20;

/** Rules are read into memory word by word; a list of addresses is not. */
const MAX_POLICY_BYTES = 4 * MIB;
const MAX_LIST_BYTES = 128 * MIB;

/** A piece of a policy as it was asked for: its text, or a file of rules, where `-` is standard input. */
export type RuleInput =
  | (PolicyPart & { readonly kind: 'allow' | 'deny' | 'rule' })
  | { readonly kind: 'policy'; readonly path: string };

/** The text of a file of rules. */
export interface PolicyText {
  readonly text: string;
  /** What messages call it. */
  readonly file: string;
  /** Whether messages may quote it. */
  readonly quotable: boolean;
}

/**
 * Makes a policy: reads its files, looks its host names up, resolves the rest.
 *
 * @param rules its pieces, in order
 * @param find finds the interfaces that rules name
 * @throws AlfError ALF_RULE for anything wrong in the rules, ALF_POLICY_INPUT for a file or name that cannot be had
 */
export async function readPolicy(rules: readonly RuleInput[], find: FindInterface): Promise<ResolvedPolicy> {
  const texts: PolicyText[] = [];
  const parts = rules.map((rule) => (rule.kind === 'policy' ? readPart(rule.path, texts) : rule));
  const secret = texts.filter(({ quotable }) => !quotable).map(({ file }) => file);
  const source = unquoted(secret, () => policyFromParts(parts));
  const needs = unquoted(secret, () => listNeeds(source));
  const { secretFiles, ...inputs } = await readNeeds(needs, texts, find);
  return unquoted([...secret, ...secretFiles], () => resolvePolicy(source, inputs));
}

/**
 * Reads a file of rules as its author wrote it; `-` is standard input.
 *
 * @throws AlfError ALF_POLICY_INPUT if it cannot be read, ALF_RULE if it is not UTF-8
 */
export function readPolicyText(file: string): PolicyText {
  const isStdin = file === '-';
  const name = isStdin ? STDIN_NAME : file;
  const { bytes, quotable } = readInput(isStdin ? STDIN : file, { ...INPUT, maxBytes: MAX_POLICY_BYTES });
  const text = bytes.toString();
  // Starting a strict decoder takes longer than most rules: only what may not be UTF-8 needs one.
  const isDoubtful = text.includes(REPLACEMENT);
  return { text: isDoubtful ? decodePolicyText(bytes, name) : text, file: name, quotable };
}

function readPart(path: string, texts: PolicyText[]): PolicyPart {
  const read = readPolicyText(path);
  texts.push(read);
  return { kind: 'policy', text: read.text, file: read.file };
}

async function readNeeds(
  needs: PolicyNeeds,
  texts: readonly PolicyText[],
  find: FindInterface,
): Promise<PolicyInputs & { readonly secretFiles: readonly string[] }> {
  const secretFiles: string[] = [];
  const files = new Map(
    needs.files.map(({ name, path, location }): [string, Uint8Array] => {
      // A path in a file is relative to that file, so that a policy can be moved together with its sets.
      const isFile = location.file !== STDIN_NAME && texts.some((text) => text.file === location.file);
      const file = isFile ? resolve(dirname(location.file), path) : resolve(path);
      const { bytes, quotable } = readInput(file, { ...INPUT, maxBytes: MAX_LIST_BYTES });
      if (!quotable) secretFiles.push(path);
      return [name, bytes];
    }),
  );
  const hosts = new Map<string, readonly Address[]>();
  for (const { name } of needs.hosts) hosts.set(name, await lookUp(name));
  const interfaces = new Map(
    needs.interfaces.flatMap((name): [string, KnownInterface][] => {
      const found = find(name);
      return found === undefined ? [] : [[name, found]];
    }),
  );
  return { files, hosts, interfaces, secretFiles };
}

async function lookUp(name: string): Promise<Address[]> {
  try {
    // Loading it costs a millisecond, which most policies need not pay.
    const { lookup } = await import('node:dns/promises');
    const found = await lookup(name, { all: true, verbatim: true });
    return found.map(({ address }) => parseAddress(address));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new AlfError('ALF_POLICY_INPUT', `unable to look up ${quote(name)}`, {
      hint: 'write its address instead, or add it to /etc/hosts',
      ...(code === undefined ? {} : { errno: code }),
    });
  }
}
