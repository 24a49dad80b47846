import { LISTEN_VARIABLES } from '../activation/index.js';
import { RECORD_VARIABLE } from './record.js';

/** Variables the shim has put aside so that they do not steer our own node: `ALFWRAPPER_ENV_NODE_OPTIONS`. */
const PUT_ASIDE = 'ALFWRAPPER_ENV_';

/**
 * The target's environment as it was before us.
 *
 * Works on bytes, because an environment need not be UTF-8. Our own variables are removed, those the shim put aside
 * get their names back, and LISTEN_* of an earlier activation goes.
 *
 * @param current the environment of this process, `NAME=value` each
 */
export function targetEnvironment(current: readonly Uint8Array[]): Uint8Array[] {
  const kept = withoutVariables(current, [RECORD_VARIABLE, ...LISTEN_VARIABLES]);
  return kept.map((variable) =>
    nameOf(variable).startsWith(PUT_ASIDE) ? variable.subarray(PUT_ASIDE.length) : variable,
  );
}

/**
 * Sets variables: one that is there keeps its place, others come last.
 *
 * @param variables `NAME=value` each; of several for one name the last counts
 */
export function withVariables(
  environment: readonly Uint8Array[],
  variables: readonly string[],
): Uint8Array[] {
  const wanted = new Map(variables.map((text) => [nameOf(Buffer.from(text)), Buffer.from(text)]));
  const kept = environment.map((variable) => {
    const name = nameOf(variable);
    const value = wanted.get(name) ?? variable;
    wanted.delete(name);
    return value;
  });
  return [...kept, ...wanted.values()];
}

/** An environment without the variables of these names. */
export function withoutVariables(
  environment: readonly Uint8Array[],
  names: readonly string[],
): readonly Uint8Array[] {
  return environment.filter((variable) => !names.includes(nameOf(variable)));
}

/** The value of a variable in such an environment, undefined if it is not set. */
export function lookupVariable(environment: readonly Uint8Array[], name: string): Uint8Array | undefined {
  const found = environment.find((variable) => nameOf(variable) === name);
  return found?.subarray(name.length + 1);
}

function nameOf(variable: Uint8Array): string {
  const end = variable.indexOf('='.charCodeAt(0));
  return Buffer.from(end < 0 ? variable : variable.subarray(0, end)).toString('latin1');
}
