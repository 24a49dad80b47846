import { assemble, type PacketView, type Program } from '../../../src/bpf/cbpf/index.js';

const MASK = 0xffff_ffffn;

/**
 * Another model of the machine, made from another side: it reads the binary form, opcode by opcode, and counts in
 * integers without a width.
 *
 * @returns what the program returns
 */
export function run(program: Program, view: PacketView): number {
  const raw = new DataView(assemble(program).buffer);
  const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  const cells = new Array<bigint>(16).fill(0n);
  let [a, x] = [0n, 0n];
  for (let pc = 0; ; pc++) {
    const code = raw.getUint16(pc * 8, little);
    const [jt, jf] = [raw.getUint8(pc * 8 + 2), raw.getUint8(pc * 8 + 3)];
    const k = BigInt(raw.getUint32(pc * 8 + 4, little));
    const operand = (code & 8) === 0 ? k : x;
    switch (code & 7) {
      case 0: {
        const value = source(code, k, x, cells, view);
        if (value === undefined) return 0;
        a = value;
        break;
      }
      case 1: {
        const value = (code & 0xe0) === 0xa0 ? fetch(view, k, 1) : source(code, k, x, cells, view);
        if (value === undefined) return 0;
        x = (code & 0xe0) === 0xa0 ? (value % 16n) * 4n : value;
        break;
      }
      case 2:
        cells[Number(k)] = a;
        break;
      case 3:
        cells[Number(k)] = x;
        break;
      case 4: {
        const op = code >> 4;
        if ((op === 3 || op === 9) && operand === 0n) return 0;
        a = compute(op, a, operand) & MASK;
        break;
      }
      case 5:
        if (code >> 4 === 0) pc += Number(k);
        else pc += [a === operand, a > operand, a >= operand, (a & operand) > 0n][(code >> 4) - 1] ? jt : jf;
        break;
      case 6:
        return Number((code & 0x18) === 0x10 ? a : k);
      case 7:
        if ((code & 0x80) === 0) x = a;
        else a = x;
        break;
    }
  }
}

function compute(op: number, a: bigint, b: bigint): bigint {
  const results = [
    () => a + b,
    () => a - b,
    () => a * b,
    () => a / b,
    () => a | b,
    () => a & b,
    () => a << (b % 32n),
    () => a >> (b % 32n),
    () => -a,
    () => a % b,
    () => a ^ b,
  ];
  return results[op]?.() ?? 0n;
}

function source(
  code: number,
  k: bigint,
  x: bigint,
  cells: readonly bigint[],
  view: PacketView,
): bigint | undefined {
  const size = [4, 2, 1][(code >> 3) & 3] ?? 0;
  switch (code & 0xe0) {
    case 0x00:
      return k;
    case 0x20:
      if (k === 0xfffff000n) return BigInt(view.protocol);
      if (k === 0xfffff008n) return BigInt(view.ifindex);
      return k === 0xfffff038n ? BigInt(view.random ?? 0) : fetch(view, k, size);
    case 0x40:
      return fetch(view, (x + k) & MASK, size);
    case 0x60:
      return cells[Number(k)];
    default:
      return BigInt(view.bytes.length - view.dataOffset);
  }
}

function fetch(view: PacketView, k: bigint, size: number): bigint | undefined {
  const fromNetwork = k >= 1n << 31n;
  const start = Number(fromNetwork ? k - 0xfff0_0000n : k) + (fromNetwork ? 0 : view.dataOffset);
  if (start < 0 || start + size > view.bytes.length) return undefined;
  return view.bytes.subarray(start, start + size).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}
