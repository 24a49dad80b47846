import {
  type Instruction,
  insnClass,
  isHelperCall,
  isKernelCall,
  isLocalCall,
  jumpOf,
  WIDE,
  withJump,
} from '../../bpf/ebpf/index.js';
import { AlfError } from '../../errors/index.js';
import { findContext } from './context.js';

/** The helper that reads at an offset of the packet. */
const LOAD_BYTES = 26;
/** What a 64-bit constant with this source register is: the address of one of the program's functions. */
const FUNCTION_ADDRESS = 4;

const LOAD_WORD = 0x61;
const ADD = 0x07;
const SUBTRACT_32 = 0x14;
const SET_32 = 0xb4;

/** Places in `struct __sk_buff`. @see linux/bpf.h */
const LENGTH = 0;
const INGRESS_IFINDEX = 36;

/** What a socket shows a filter, and BPF_PROG_TEST_RUN does not. */
export interface View {
  /** Bytes of the network header. */
  readonly networkHeader: number;
  /** The interface the packet comes in on. */
  readonly ifindex: number;
}

/**
 * Makes a program see a packet that begins at its network header as if it began at the transport header.
 *
 * BPF_PROG_TEST_RUN gives a socket filter the network header at offset 0, a TCP or UDP socket the transport header. So what
 * reads at an offset of the packet reads further behind by the network header, and `skb->len` is shorter by it. What reads
 * from the network header on is right as it is. `skb->ingress_ifindex` cannot be told to TEST_RUN, and becomes a constant.
 *
 * @throws AlfError ALF_OBJECT for a program that has other ways to read, which cannot be changed like that
 */
export function shiftPacket(program: readonly Instruction[], view: View): Instruction[] {
  const context = findContext(program);
  const groups = program.map((instruction, at) => shift(instruction, context[at], view));
  // The second half of a wide constant has the code of nothing that is shifted.
  const starts: number[] = [];
  let length = 0;
  for (const group of groups) {
    starts.push(length);
    length += group.length;
  }
  starts.push(length);
  return groups.flatMap((group, at) => group.map((instruction, i) => aim(instruction, at, i, starts)));
}

function shift(instruction: Instruction, context: number | undefined, view: View): Instruction[] {
  const { code, dst, src, offset, imm } = instruction;
  const { networkHeader: by, ifindex } = view;
  if (isKernelCall(instruction) || (code === WIDE && src === FUNCTION_ADDRESS)) {
    throw new AlfError(
      'ALF_OBJECT',
      'the filter calls kernel functions other than helpers, or has callbacks',
      {
        hint: 'it cannot be tried on crafted packets; run it, and connect',
      },
    );
  }
  const isPacketLoad = (code & 7) === insnClass.ld && ((code & 0xe0) === 0x20 || (code & 0xe0) === 0x40);
  if (isPacketLoad && imm >= 0) return [{ ...instruction, imm: imm + by }];
  if (isHelperCall(instruction) && imm === LOAD_BYTES) return [constant(ADD, 2, by), instruction];
  if (code !== LOAD_WORD || (((context ?? 0) >> src) & 1) === 0) return [instruction];
  if (offset === LENGTH) return [instruction, constant(SUBTRACT_32, dst, by)];
  return [offset === INGRESS_IFINDEX ? constant(SET_32, dst, ifindex) : instruction];
}

function constant(code: number, dst: number, imm: number): Instruction {
  return { code, dst, src: 0, offset: 0, imm };
}

/** Lets jumps and calls go where they went, with what was put between. */
function aim(instruction: Instruction, at: number, i: number, starts: readonly number[]): Instruction {
  const place = (old: number) => starts[old] ?? 0;
  const behind = place(at) + i + 1;
  if (isLocalCall(instruction)) return { ...instruction, imm: place(at + 1 + instruction.imm) - behind };
  const jump = jumpOf(instruction);
  return jump === undefined ? instruction : withJump(instruction, place(at + 1 + jump) - behind);
}
