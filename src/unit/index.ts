/**
 * Room: unit. Pure.
 *
 * Owns units of systemd: the syntax of unit files, command lines in them, the settings in force after drop-ins, and the
 * drop-in that starts a service through alfwrapper. Does not find, read or write files, and starts nothing.
 *
 * In: texts of unit files in the order of systemd, the wrapper's command line. Out: the text of a drop-in, findings.
 */
export { DROP_IN_NAME, isOwnDropIn, madeDirectory, withMadeDirectory } from './drop-in.js';
export { type ExecCommand, formatExecCommand, parseExecLine } from './exec-line.js';
export type { Finding } from './findings.js';
export type { LoadedUnit, SocketUnit, Wrapper } from './loaded-unit.js';
export {
  dropInDirectories,
  fragmentNames,
  instanceOf,
  isTemplate,
  nameUnit,
  orderDropIns,
  searchPath,
  socketOf,
} from './names.js';
export { formatUnitFile, parseUnitFile, type UnitFile } from './parse-unit.js';
export { searchedForNode } from './programs.js';
export { type Assignment, settingsOf } from './settings.js';
export { formatWord, parseWords } from './words.js';
export {
  type WrappedUnit,
  wrapUnit,
} from './wrap-unit.js';
