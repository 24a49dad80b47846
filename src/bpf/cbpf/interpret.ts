import { alu, holds } from './arithmetic.js';
import type { Extension, Program, Size } from './insn.js';
import { extensionOffset, keyOf } from './opcodes.js';
import { uapi } from './uapi.js';
import type { PacketView } from './view.js';

/** How a run ended. */
export interface Outcome {
  /** What the program returned, unsigned 32-bit. */
  readonly verdict: number;
  /** How many instructions were executed, the last one included. */
  readonly executed: number;
}

/**
 * Runs a program over a packet as the kernel would.
 *
 * A load outside the packet and a division by an X of 0 end the program with verdict 0. Registers and cells start
 * at 0. Shifts by X use its low five bits, as the JIT compilers do. Loads from the link-layer header
 * (`SKF_LL_OFF`) are outside: a view has none.
 *
 * @param program has passed {@link checkProgram}
 * @throws RangeError where the program runs off its end, which a checked one cannot
 */
export function interpret(program: Program, view: PacketView): Outcome {
  const cells = new Uint32Array(uapi.BPF_MEMWORDS);
  let [a, x, executed] = [0, 0, 0];
  for (let pc = 0; ; pc++) {
    const insn = program[pc];
    if (insn === undefined) throw new RangeError(`instruction ${pc} of ${program.length}`);
    executed++;
    let value: number | undefined = 0;
    switch (insn.op) {
      case 'ldAbs':
        value = loadAbsolute(view, insn.k, insn.size);
        if (value === undefined) return { verdict: 0, executed };
        a = value;
        break;
      case 'ldInd':
        value = load(view, x + insn.k, insn.size);
        if (value === undefined) return { verdict: 0, executed };
        a = value;
        break;
      case 'ldExt':
        a = extension(view, insn.extension);
        break;
      case 'ldLen':
        a = view.bytes.length - view.dataOffset;
        break;
      case 'ldImm':
        a = insn.k;
        break;
      case 'ldMem':
        a = cells[insn.k] ?? 0;
        break;
      case 'ldxImm':
        x = insn.k;
        break;
      case 'ldxLen':
        x = view.bytes.length - view.dataOffset;
        break;
      case 'ldxMem':
        x = cells[insn.k] ?? 0;
        break;
      case 'ldxMsh':
        value = load(view, insn.k, 1);
        if (value === undefined) return { verdict: 0, executed };
        x = (value & 0x0f) * 4;
        break;
      case 'st':
        cells[insn.k] = a;
        break;
      case 'stx':
        cells[insn.k] = x;
        break;
      case 'aluK':
      case 'aluX':
        value = alu(insn.alu, a, insn.op === 'aluK' ? insn.k : x);
        if (value === undefined) return { verdict: 0, executed };
        a = value;
        break;
      case 'neg':
        a = -a >>> 0;
        break;
      case 'ja':
        pc += insn.k;
        break;
      case 'jmpK':
        pc += holds(insn.cond, a, insn.k) ? insn.jt : insn.jf;
        break;
      case 'jmpX':
        pc += holds(insn.cond, a, x) ? insn.jt : insn.jf;
        break;
      case 'retK':
        return { verdict: insn.k, executed };
      case 'retA':
        return { verdict: a, executed };
      case 'tax':
        x = a;
        break;
      case 'txa':
        a = x;
        break;
    }
  }
}

function extension(view: PacketView, name: Extension): number {
  switch (name) {
    case 'proto':
      return view.protocol;
    case 'ifidx':
      return view.ifindex;
    case 'rand':
      return view.random ?? 0;
  }
}

function loadAbsolute(view: PacketView, k: number, size: Size): number | undefined {
  // The kernel takes these offsets for extensions at any width of the load.
  const name = keyOf(extensionOffset, k);
  return name === undefined ? load(view, k, size) : extension(view, name);
}

/** @param k taken modulo 2³² as a signed number */
function load(view: PacketView, k: number, size: Size): number | undefined {
  const signed = k | 0;
  const at = signed >= 0 ? view.dataOffset + signed : signed - (uapi.SKF_NET_OFF | 0);
  if (at < 0 || at + size > view.bytes.length) return undefined;
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + (view.bytes[at + i] ?? 0);
  return value;
}
