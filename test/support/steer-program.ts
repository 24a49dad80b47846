import { type Prefix, parsePrefix } from '../../src/net/index.js';

/** `struct sock_filter` as code, jt, jf, k. */
type Insn = readonly [code: number, jt: number, jf: number, k: number];

const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const AND = 0x54;
const JUMP_EQUAL = 0x15;
const RETURN = 0x06;
/** The network header, and the ethertype. */
const NETWORK = 0xfff00000;
const ETHERTYPE = 0xfffff000;

/**
 * Assembles by hand what the compiler of policies is not needed for: a program that allows sources in some prefixes.
 *
 * @param prefixes addresses or prefixes, of both families
 * @param allow what to return for them; 0 for all others
 * @returns array of `struct sock_filter`
 */
export function allowSources(prefixes: readonly string[], allow: number): Uint8Array {
  const parsed = prefixes.map((text) => parsePrefix(text).prefix);
  const matches = (family: 4 | 6) =>
    parsed.filter((prefix) => prefix.family === family).flatMap((prefix) => match(prefix, allow));
  return assemble([
    ...onEthertype(0x0800, matches(4)),
    ...onEthertype(0x86dd, matches(6)),
    [RETURN, 0, 0, 0],
  ]);
}

function onEthertype(type: number, block: readonly Insn[]): Insn[] {
  return [[LOAD_HALF, 0, 0, ETHERTYPE], [JUMP_EQUAL, 0, block.length, type], ...block];
}

/** Word by word of the address under the mask; what does not match goes on behind the block. */
function match({ family, bytes, length }: Prefix, allow: number): Insn[] {
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const source = NETWORK + (family === 4 ? 12 : 8);
  const words = Math.ceil(length / 32);
  return [
    ...Array.from({ length: words }, (_, i): Insn[] => {
      const mask = (-1 << Math.max(0, 32 - (length - 32 * i))) >>> 0;
      return [
        [LOAD_WORD, 0, 0, source + 4 * i],
        [AND, 0, 0, mask],
        [JUMP_EQUAL, 0, 3 * (words - i - 1) + 1, view.getUint32(4 * i)],
      ];
    }).flat(),
    [RETURN, 0, 0, allow],
  ];
}

function assemble(insns: readonly Insn[]): Uint8Array {
  const bytes = new Uint8Array(insns.length * 8);
  insns.forEach(([code, jt, jf, k], i) => {
    new Uint16Array(bytes.buffer)[4 * i] = code;
    bytes.set([jt, jf], 8 * i + 2);
    new Uint32Array(bytes.buffer)[2 * i + 1] = k;
  });
  return bytes;
}
