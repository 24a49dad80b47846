import { accessSync, constants, statSync } from 'node:fs';
import { AlfError, quote } from '../errors/index.js';
import { checkFormat } from './format.js';

/** Where execvp(3) looks if there is no PATH. */
const DEFAULT_PATH = '/bin:/usr/bin';
const SLASH = '/'.charCodeAt(0);
const ANY_X = 0o111;

/**
 * Finds the program as execvp(3) does and checks that it can be executed, while there is still a way back.
 *
 * A name with a slash is a path; any other is looked for in PATH, an empty part of which is the working directory. The
 * format of the file and its interpreter are checked as well.
 *
 * @param name the program as the user wrote it, in bytes
 * @param path the value of PATH in the target's environment
 * @throws AlfError ALF_NOT_FOUND, or ALF_NOT_EXECUTABLE if the first match cannot be run
 */
export function resolveProgram(name: Uint8Array, path: Uint8Array | undefined): Uint8Array {
  const shown = quote(Buffer.from(name).toString());
  if (name.length === 0) throw new AlfError('ALF_NOT_FOUND', 'the name of the program is empty');
  const candidates = name.includes(SLASH) ? [name] : inPath(name, path ?? Buffer.from(DEFAULT_PATH));
  const found = candidates.filter(exists);
  const program = found.find(isExecutable);
  if (program !== undefined) {
    checkFormat(program, shown, isExecutable);
    return program;
  }
  const [first] = found;
  if (first !== undefined) throw notExecutable(first, shown);
  if (name.includes(SLASH) && mayNotBeSearched(name))
    throw denied(shown, 'this user may not search a directory above it');
  throw new AlfError('ALF_NOT_FOUND', `unable to find program ${shown}`, {
    hint: name.includes(SLASH) ? 'a name with a slash is taken as a path' : 'no directory of PATH has it',
  });
}

/** Why a file that was found cannot be executed. chmod(1) would not help for a directory. */
function notExecutable(file: Uint8Array, shown: string): AlfError {
  if (!statSync(Buffer.from(file)).isFile()) {
    return new AlfError('ALF_NOT_EXECUTABLE', `unable to execute ${shown}: it is not a regular file`);
  }
  if ((statSync(Buffer.from(file)).mode & ANY_X) !== 0)
    return denied(shown, 'this user may not execute it: see ls -l');
  return new AlfError('ALF_NOT_EXECUTABLE', `unable to execute ${shown}: it is not an executable file`, {
    hint: `try: chmod +x ${quote(Buffer.from(file).toString())}`,
  });
}

function denied(shown: string, hint: string): AlfError {
  return new AlfError('ALF_NOT_EXECUTABLE', `unable to execute ${shown}: permission denied`, {
    errno: 'EACCES',
    hint,
  });
}

function mayNotBeSearched(file: Uint8Array): boolean {
  try {
    statSync(Buffer.from(file));
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

function inPath(name: Uint8Array, path: Uint8Array): Uint8Array[] {
  // latin1 maps every byte to one character and back.
  const directories = Buffer.from(path).toString('latin1').split(':');
  return directories.map((directory) => {
    const prefix = directory === '' ? './' : `${directory}/`;
    return Buffer.concat([Buffer.from(prefix, 'latin1'), name]);
  });
}

/** What files and directories can be like. Any other errno says nothing about the file: a call is forbidden, say. */
const NO_ANSWERS = ['EACCES', 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EROFS', 'ETXTBSY'];

/** Asks about a file; a negative answer is false. A directory of PATH that may not be searched holds nothing. */
function asks(question: () => boolean): boolean {
  try {
    return question();
  } catch (error) {
    if (!NO_ANSWERS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return false;
  }
}

function exists(file: Uint8Array): boolean {
  return asks(() => statSync(Buffer.from(file), { throwIfNoEntry: false }) !== undefined);
}

function isExecutable(file: Uint8Array): boolean {
  return asks(() => {
    accessSync(Buffer.from(file), constants.X_OK);
    return statSync(Buffer.from(file)).isFile();
  });
}
