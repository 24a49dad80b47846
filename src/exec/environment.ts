import { LISTEN_VARIABLES } from '../activation/index.js';
import { type PlannedIdentity, USER_VARIABLES } from '../plan/index.js';

/** The variable that the entry adds before those of the caller. The caller may have one of that name as well. */
const RECORD = 'ALFWRAPPER_STATE';
const EQUALS = '='.charCodeAt(0);

/** What the entry has passed to node. */
export interface EntryEnvironment {
  /** The record of the process state, undefined if this process was not started by the entry. */
  readonly record: string | undefined;
  /** The caller's environment, byte for byte and in its order. */
  readonly environment: readonly Uint8Array[];
}

/**
 * Decodes the environment that the entry has made for node (native/programs/entry).
 *
 * The record comes first. The entry puts `=` before the variables that would change node itself, `=NODE_OPTIONS=…`, and
 * of those that begin with `=` already.
 *
 * @param encoded the environment of this process in bytes: it need not be UTF-8
 */
export function decodeEnvironment(encoded: readonly Uint8Array[]): EntryEnvironment {
  const [first, ...rest] = encoded;
  if (first === undefined || nameOf(first) !== RECORD) return { record: undefined, environment: encoded };
  return {
    record: Buffer.from(first.subarray(RECORD.length + 1)).toString('latin1'),
    environment: rest.map((variable) => (variable[0] === EQUALS ? variable.subarray(1) : variable)),
  };
}

/** The caller's environment without LISTEN_* of an earlier activation. */
export function targetEnvironment(environment: readonly Uint8Array[]): readonly Uint8Array[] {
  return withoutVariables(environment, LISTEN_VARIABLES);
}

/**
 * Sets variables: one that is there keeps its place, others come last. A variable that is there twice is there once
 * afterwards, because programs differ in which of the two they use.
 *
 * @param variables `NAME=value` each; of several for one name the last counts
 */
export function withVariables(
  environment: readonly Uint8Array[],
  variables: readonly string[],
): Uint8Array[] {
  const wanted = new Map(variables.map((text) => [nameOf(Buffer.from(text)), Buffer.from(text)]));
  const placed = new Set<string | undefined>();
  const kept = environment.flatMap((variable) => {
    const name = nameOf(variable);
    const value = wanted.get(name);
    if (value === undefined) return [variable];
    if (placed.has(name)) return [];
    placed.add(name);
    return [value];
  });
  const added = [...wanted].filter(([name]) => !placed.has(name));
  return [...kept, ...added.map(([, value]) => value)];
}

/**
 * The environment of another user: HOME, LOGNAME, SHELL and USER are that user's, or removed where the user database has no
 * entry for it.
 */
export function identityEnvironment(
  environment: readonly Uint8Array[],
  { variables }: PlannedIdentity,
): Uint8Array[] {
  if (variables === undefined) return [...environment];
  const own = USER_VARIABLES.flatMap((name) => {
    const value = variables[name];
    return value === null ? [] : [Buffer.from(`${name}=${value}`)];
  });
  return [...withoutVariables(environment, USER_VARIABLES), ...own];
}

/** An environment without the variables of these names. */
export function withoutVariables(
  environment: readonly Uint8Array[],
  names: readonly string[],
): readonly Uint8Array[] {
  return environment.filter((variable) => {
    const name = nameOf(variable);
    return name === undefined || !names.includes(name);
  });
}

/** The value of a variable in such an environment, undefined if it is not set. */
export function lookupVariable(environment: readonly Uint8Array[], name: string): Uint8Array | undefined {
  const found = environment.find((variable) => nameOf(variable) === name);
  return found?.subarray(name.length + 1);
}

/** An entry without `=` has no name. */
function nameOf(variable: Uint8Array): string | undefined {
  const end = variable.indexOf(EQUALS);
  return end < 0 ? undefined : Buffer.from(variable.subarray(0, end)).toString('latin1');
}
