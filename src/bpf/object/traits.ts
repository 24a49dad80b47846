import { parseElf } from './elf.js';
import { mayChangeMaps } from './state.js';

/** Properties of a filter that its users want to know and a launch does not need. */
export interface FilterTraits {
  /** The licence it declares to the kernel: `GPL`; undefined if it declares none. */
  readonly license: string | undefined;
  /** Whether it might remember one packet when it judges the next. */
  readonly keepsState: boolean;
}

/**
 * Reads the traits of a compiled filter: of all its code, whichever of its programs it starts at.
 *
 * @throws AlfError ALF_OBJECT if the file is not such an object
 */
export function readTraits(file: Uint8Array): FilterTraits {
  const elf = parseElf(file);
  const license = elf.section('license');
  return traitsOf(license && textOf(license), elf.code(), elf.littleEndian);
}

/**
 * The traits of code.
 *
 * @param code the instructions of each function or section
 * @throws AlfError ALF_OBJECT if some code is cut short
 */
export function traitsOf(
  license: string | undefined,
  code: readonly Uint8Array[],
  littleEndian: boolean,
): FilterTraits {
  return {
    license: license || undefined,
    keepsState: code.some((part) => mayChangeMaps(part, littleEndian)),
  };
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
