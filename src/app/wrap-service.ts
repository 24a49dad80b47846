import { accessSync, constants, lstatSync, realpathSync, statSync } from 'node:fs';
import { AlfError } from '../errors/index.js';
import { readInput, removeFile, replaceFile } from '../files/index.js';
import type { EngineContext } from '../filter/index.js';
import { check } from '../kernel/index.js';
import { findInterface } from '../kernel/probe/index.js';
import { formatWarnings } from '../policy/index.js';
import {
  DROP_IN_NAME,
  type Finding,
  isOwnDropIn,
  type LoadedUnit,
  madeDirectory,
  searchedForNode,
  settingsOf,
  withMadeDirectory,
  wrapUnit,
} from '../unit/index.js';
import { type RuleInput, readPolicy } from './read-policy.js';
import { readUnit } from './read-unit.js';

/** The directory of an administrator's units and drop-ins. */
const SYSTEM = '/etc/systemd/system';

const MIB = 2 ** 20;

/** How a service is to be started through alfwrapper. */
export interface WrapRequest {
  /** Its name, or the path of its file. */
  readonly unit: string;
  /** The options of the launch, and its filter. */
  readonly words: readonly string[];
  readonly rules: readonly RuleInput[];
  readonly tier: string;
  /** The file with the main process, for a unit that does not name it. */
  readonly pidFile: string | undefined;
}

/** A drop-in for a service. */
export interface ServiceDropIn {
  readonly unit: string;
  /** The unit file and the drop-ins that it is made from, in their order. */
  readonly files: readonly string[];
  /** Where it belongs. */
  readonly path: string;
  readonly text: string;
  readonly warnings: readonly Finding[];
}

/**
 * Makes the drop-in that starts a service through alfwrapper. Writes nothing.
 *
 * @throws AlfError ALF_UNIT for a unit that cannot be read or started that way, ALF_RULE and ALF_POLICY_INPUT for the rules
 */
export async function makeDropIn(request: WrapRequest, context: EngineContext): Promise<ServiceDropIn> {
  const { warnings: ruleWarnings } = await readPolicy(request.rules, (name) =>
    findInterface(context.ops.core, name),
  );
  for (const line of formatWarnings(ruleWarnings)) context.warn(line);
  const unit = readUnit(request.unit, context.variable('SYSTEMD_UNIT_PATH'));
  const { words, tier, pidFile } = request;
  const wrapper = { directory: context.root, words, tier, pidFile, node: findNode(unit) };
  const { text, warnings } = wrapUnit(unit, wrapper);
  return {
    unit: unit.name,
    files: unit.files.map(({ path }) => path),
    path: pathOf(unit.name),
    text,
    warnings,
  };
}

/**
 * Writes a drop-in to its place, atomically; the one of an earlier call is replaced.
 *
 * @throws AlfError ALF_UNIT if there is a file of another origin, or it cannot be written
 */
export function installDropIn({ path, text }: ServiceDropIn): void {
  const old = readOwn(path);
  const wasMade = old !== undefined && madeDirectory(old);
  attempt(`write ${path}`, () =>
    replaceFile(path, (made) => (made || wasMade ? withMadeDirectory(text) : text)),
  );
}

/**
 * Removes the drop-in of a service, and its directory if that was made for it and is empty.
 *
 * @param word the name of the service; it need not exist any more
 * @returns its name and the path of the drop-in
 * @throws AlfError ALF_UNIT if there is none, it is of another origin, or it cannot be removed
 */
export function removeDropIn(
  word: string,
  context: EngineContext,
): { readonly unit: string; readonly path: string } {
  const unit = readUnit(word, context.variable('SYSTEMD_UNIT_PATH')).name;
  const path = pathOf(unit);
  const old = readOwn(path);
  if (old === undefined)
    throw new AlfError('ALF_UNIT', `unable to remove ${path}: there is no such file`, { errno: 'ENOENT' });
  attempt(`remove ${path}`, () => removeFile(path, madeDirectory(old)));
  return { unit, path };
}

function pathOf(unit: string): string {
  return `${SYSTEM}/${unit}.d/${DROP_IN_NAME}`;
}

/** @returns undefined if there is none */
function readOwn(path: string): string | undefined {
  const status = attempt(`read ${path}`, () => lstatSync(path, { throwIfNoEntry: false }));
  if (status === undefined) return undefined;
  const text = status.isFile() ? readInput(path, { code: 'ALF_UNIT', maxBytes: MIB }).bytes.toString() : '';
  if (isOwnDropIn(text)) return text;
  throw new AlfError('ALF_UNIT', `unable to replace ${path}: it was not written by this command`, {
    hint: 'rename it; drop-ins are read in the order of their names',
  });
}

/** Node.js as the entry finds it when the unit is started. */
function findNode({ name, files }: LoadedUnit): string {
  const directories = searchedForNode(settingsOf(files, 'Service'));
  const found = directories.map((directory) => `${directory}/node`).find(isProgram);
  if (found !== undefined) return realpathSync(found);
  throw new AlfError('ALF_UNIT', `unable to wrap ${name}: no directory of its PATH has node`, {
    hint: `install Node.js in one of ${directories.join(', ')}, or set Environment=PATH= in the unit`,
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    check(errno, 'ALF_UNIT', what, {
      EACCES: 'run as root',
      EPERM: 'run as root',
      ENOENT: `is systemd installed? ${SYSTEM} must exist`,
    });
    throw error;
  }
}
