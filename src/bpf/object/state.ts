import { Reader } from './reader.js';

/** Layout and numbers of instructions: Documentation/bpf/standardization/instruction-set.rst */
const INSN_SIZE = 8;
const CLASS = 0x07;
const LD_IMM64 = 0x18;
const ST = 0x02;
const STX = 0x03;
const CALL = 0x85;
const FRAME_POINTER = 10;
const PSEUDO_CALL = 1;

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
  const reader = new Reader(code, littleEndian, 'the code of the object');
  for (let at = 0; at < code.length; at += INSN_SIZE) {
    const opcode = reader.u8(at);
    const registers = reader.u8(at + 1);
    const [destination, source] = littleEndian
      ? [registers & 0xf, registers >> 4]
      : [registers >> 4, registers & 0xf];
    if (opcode === LD_IMM64) at += INSN_SIZE;
    else if (opcode === CALL && source !== PSEUDO_CALL) {
      if (source !== 0 || !HARMLESS.has(reader.u32(at + 4))) return true;
    } else if ([ST, STX].includes(opcode & CLASS) && destination !== FRAME_POINTER) return true;
  }
  return false;
}
