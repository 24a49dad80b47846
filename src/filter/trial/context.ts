import {
  FRAME_POINTER,
  fallsThrough,
  type Instruction,
  insnClass,
  isCall,
  isLocalCall,
  jumpOf,
  WIDE,
} from '../../bpf/ebpf/index.js';

/** Where the pointer to `struct __sk_buff` is: registers and words of the stack, a bit each. */
interface Places {
  readonly registers: number;
  readonly stack: bigint;
}

/** r1 to r5. */
const ARGUMENTS = 0b111110;
/** r0 to r5, which a call does not preserve. */
const SCRATCH = 0b111111;
const STACK_WORDS = 64;

const COPY = 0xbf;
const LOAD_DOUBLE = 0x79;
const STORE_DOUBLE = 0x7b;

/**
 * Finds out, for every instruction, which registers hold the pointer to the packet's `struct __sk_buff` when it is
 * reached. A program that the kernel has taken has one answer for each, on any path.
 *
 * @returns a bit for each register, by instruction; undefined for those that are never reached
 */
export function findContext(program: readonly Instruction[]): (number | undefined)[] {
  const reached: (Places | undefined)[] = new Array(program.length).fill(undefined);
  const queue: number[] = [];
  const flow = (to: number, places: Places) => {
    const before = reached[to];
    const joined = before === undefined ? places : join(before, places);
    if (before !== undefined && joined.registers === before.registers && joined.stack === before.stack)
      return;
    reached[to] = joined;
    queue.push(to);
  };
  flow(0, { registers: 1 << 1, stack: 0n });
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const [instruction, before] = [program[at], reached[at]];
    if (instruction === undefined || before === undefined) continue;
    const after = step(instruction, before);
    const jump = jumpOf(instruction);
    if (jump !== undefined) flow(at + 1 + jump, after);
    if (isLocalCall(instruction)) {
      flow(at + 1 + instruction.imm, { registers: before.registers & ARGUMENTS, stack: 0n });
    }
    if (fallsThrough(instruction)) flow(at + (instruction.code === WIDE ? 2 : 1), after);
  }
  return reached.map((places) => places?.registers);
}

function join(one: Places, other: Places): Places {
  return { registers: one.registers & other.registers, stack: one.stack & other.stack };
}

function step(instruction: Instruction, { registers, stack }: Places): Places {
  const { code, dst, src, offset } = instruction;
  const has = (set: number, register: number) => ((set >> register) & 1) === 1;
  const put = (register: number, on: boolean) => (registers & ~(1 << register)) | (on ? 1 << register : 0);
  const slot = STACK_WORDS + (offset >> 3);
  const kind = code & 7;
  if (code === COPY && offset === 0) return { registers: put(dst, has(registers, src)), stack };
  if (code === LOAD_DOUBLE && src === FRAME_POINTER)
    return { registers: put(dst, ((stack >> BigInt(slot)) & 1n) === 1n), stack };
  if (code === STORE_DOUBLE && dst === FRAME_POINTER) {
    const bit = 1n << BigInt(slot);
    return { registers, stack: has(registers, src) ? stack | bit : stack & ~bit };
  }
  if (kind === insnClass.st || kind === insnClass.stx) {
    // Any other store spoils the word it goes to.
    return { registers, stack: dst === FRAME_POINTER ? stack & ~(1n << BigInt(slot)) : stack };
  }
  // LD_ABS and LD_IND behave as calls do.
  if (isCall(instruction) || (kind === insnClass.ld && code !== WIDE))
    return { registers: registers & ~SCRATCH, stack };
  const { ld, ldx, alu, alu64 } = insnClass;
  const writes = kind === ld || kind === ldx || kind === alu || kind === alu64;
  return { registers: writes ? put(dst, false) : registers, stack };
}
