/** Width of a packet load in bytes. Wider than one byte means network order in the packet. */
export type Size = 1 | 2 | 4;

/**
 * A load that is not from a packet: the ethertype, the index of the interface on which the packet came in, or a random number
 * of 32 bits.
 */
export type Extension = 'proto' | 'ifidx' | 'rand';

/** An arithmetic operation with two operands; all are unsigned and wrap at 32 bits. */
export type AluOp = 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'and' | 'or' | 'xor' | 'lsh' | 'rsh';

/** A comparison of A with an operand, unsigned; `jset` asks whether they have a bit in common. */
export type Condition = 'jeq' | 'jgt' | 'jge' | 'jset';

/**
 * One instruction of classic BPF: two 32-bit registers A and X, sixteen scratch cells, jumps only forward.
 *
 * `k` is an unsigned 32-bit number: an operand, an offset, or the index of a scratch cell. `jt` and `jf` count the
 * instructions skipped, 0 to 255; the `k` of `ja` does so in 32 bits. A load at `SKF_NET_OFF + n` reads byte n of
 * the network header, a load at n ≥ 0 byte n of the data. A load outside the packet ends the program with verdict 0.
 *
 * @see Documentation/networking/filter.rst
 */
export type Insn =
  /** A = packet[k]. */
  | { readonly op: 'ldAbs'; readonly size: Size; readonly k: number }
  /** A = packet[X + k]. */
  | { readonly op: 'ldInd'; readonly size: Size; readonly k: number }
  /** A = what the kernel knows. */
  | { readonly op: 'ldExt'; readonly extension: Extension }
  /** A = length of the data. */
  | { readonly op: 'ldLen' }
  | { readonly op: 'ldImm'; readonly k: number }
  /** A = M[k]. */
  | { readonly op: 'ldMem'; readonly k: number }
  | { readonly op: 'ldxImm'; readonly k: number }
  | { readonly op: 'ldxLen' }
  /** X = M[k]. */
  | { readonly op: 'ldxMem'; readonly k: number }
  /** X = 4 × the low four bits of packet[k]: the length of an IPv4 header. */
  | { readonly op: 'ldxMsh'; readonly k: number }
  /** M[k] = A. */
  | { readonly op: 'st'; readonly k: number }
  /** M[k] = X. */
  | { readonly op: 'stx'; readonly k: number }
  | { readonly op: 'aluK'; readonly alu: AluOp; readonly k: number }
  | { readonly op: 'aluX'; readonly alu: AluOp }
  /** A = −A. */
  | { readonly op: 'neg' }
  | { readonly op: 'ja'; readonly k: number }
  | {
      readonly op: 'jmpK';
      readonly cond: Condition;
      readonly k: number;
      readonly jt: number;
      readonly jf: number;
    }
  | { readonly op: 'jmpX'; readonly cond: Condition; readonly jt: number; readonly jf: number }
  | { readonly op: 'retK'; readonly k: number }
  | { readonly op: 'retA' }
  | { readonly op: 'tax' }
  | { readonly op: 'txa' };

/** Instructions in the order in which they lie in memory. */
export type Program = readonly Insn[];
