import type { AluOp, Condition } from './insn.js';

/**
 * Computes `a op b` on unsigned 32-bit numbers.
 *
 * @returns undefined for a division by 0
 */
export function alu(op: AluOp, a: number, b: number): number | undefined {
  switch (op) {
    case 'add':
      return (a + b) >>> 0;
    case 'sub':
      return (a - b) >>> 0;
    case 'mul':
      return Math.imul(a, b) >>> 0;
    case 'div':
      return b === 0 ? undefined : Math.floor(a / b);
    case 'mod':
      return b === 0 ? undefined : a % b;
    case 'and':
      return (a & b) >>> 0;
    case 'or':
      return (a | b) >>> 0;
    case 'xor':
      return (a ^ b) >>> 0;
    case 'lsh':
      return (a << (b & 31)) >>> 0;
    case 'rsh':
      return a >>> (b & 31);
  }
}

/** Whether `a` and `b`, unsigned, stand in this relation. */
export function holds(cond: Condition, a: number, b: number): boolean {
  switch (cond) {
    case 'jeq':
      return a === b;
    case 'jgt':
      return a > b;
    case 'jge':
      return a >= b;
    case 'jset':
      return (a & b) !== 0;
  }
}
