import { AlfError } from '../../errors/index.js';
import {
  decodeProgram,
  FRAME_POINTER,
  INSN_BYTES,
  insnClass,
  isCall,
  isHelperCall,
  isLocalCall,
} from '../ebpf/index.js';

/** Helpers that change no map, by number (include/uapi/linux/bpf.h): they read the packet, the socket or the machine. */
const HARMLESS: ReadonlySet<number> = new Set([
  ...[1, 5, 6, 7, 8, 26, 28, 42, 46, 47, 68, 89, 118, 125, 160, 177, 208],
]);

/**
 * Whether code might change a map, and so let one packet decide about the next: it calls a helper that may, or stores
 * somewhere else than in its own stack.
 *
 * Yes may be a store that never reaches a map; no leaves out packet bytes that are loaded right into one.
 *
 * @param code the instructions of a section
 * @throws AlfError ALF_OBJECT if the code is cut short
 */
export function mayChangeMaps(code: Uint8Array, littleEndian: boolean): boolean {
  if (code.length % INSN_BYTES !== 0) {
    throw new AlfError('ALF_OBJECT', 'the code of the object is damaged or cut short', {
      hint: 'compile the object again',
    });
  }
  return decodeProgram(code, littleEndian).some((instruction) => {
    const kind = instruction.code & 7;
    if (isCall(instruction)) {
      if (isLocalCall(instruction)) return false;
      return !isHelperCall(instruction) || !HARMLESS.has(instruction.imm);
    }
    return (kind === insnClass.st || kind === insnClass.stx) && instruction.dst !== FRAME_POINTER;
  });
}
