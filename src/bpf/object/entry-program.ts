import { AlfError } from '../../errors/index.js';
import type { ElfFunction } from './elf.js';

/** The function a filter starts at unless another one is named. */
export const ENTRY = 'filter';

/** Sections whose programs are socket filters; libbpf takes a question mark in front as "not unless asked for". */
const SOCKET_SECTION = /^\??(socket|socket_filter|filter)(\/.*)?$/;

const DECLARATION = 'the entry of a filter is: SEC("socket") int filter(struct __sk_buff *skb)';

/**
 * Picks the program that a filter starts at: the one that is asked for, else `filter`, else the only one there is.
 *
 * A program for another hook would load, and its return values would mean something else: XDP_PASS keeps two bytes.
 *
 * @param functions the global functions of the object
 * @throws AlfError ALF_OBJECT if there is none, it is in the wrong section, or there are several
 */
export function pickEntry(functions: readonly ElfFunction[], wanted?: string): string {
  const programs = functions.filter(({ section }) => SOCKET_SECTION.test(section));
  const named = functions.find(({ name }) => name === (wanted ?? ENTRY));
  if (named !== undefined) return inSocketSection(named);
  if (wanted === undefined && programs.length > 1) {
    throw new AlfError(
      'ALF_OBJECT',
      `the filter has several programs, none called ${ENTRY}: ${list(programs)}`,
      { remedy: { kind: 'name entry' } },
    );
  }
  const [only] = wanted === undefined ? programs : [];
  if (only !== undefined) return only.name;
  throw new AlfError(
    'ALF_OBJECT',
    `the filter has no function ${wanted ?? ENTRY} (it has: ${list(functions)})`,
    {
      hint: wanted === undefined ? DECLARATION : 'a function must not be static to be an entry',
    },
  );
}

function inSocketSection({ name, section }: ElfFunction): string {
  if (SOCKET_SECTION.test(section)) return name;
  const place = section === '.text' ? 'in no section of its own' : `in section ${section}`;
  throw new AlfError('ALF_OBJECT', `function ${name} is ${place}, which is not for socket filters`, {
    hint: DECLARATION,
  });
}

function list(functions: readonly ElfFunction[]): string {
  return functions.map(({ name }) => name).join(', ') || 'none';
}
