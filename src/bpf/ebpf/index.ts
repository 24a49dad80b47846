/**
 * Room: bpf/ebpf. Pure.
 *
 * Owns the instructions of eBPF, as far as a program is read or changed here: their fields, their bytes, where they go
 * next.
 *
 * In: bytes of a program. Out: instructions, and back. Knows nothing of maps, objects or the kernel.
 */
export {
  decodeProgram,
  encodeProgram,
  FRAME_POINTER,
  fallsThrough,
  INSN_BYTES,
  type Instruction,
  insnClass,
  isCall,
  isHelperCall,
  isKernelCall,
  isLocalCall,
  jumpOf,
  WIDE,
  withJump,
} from './instruction.js';
