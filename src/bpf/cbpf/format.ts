import type { Insn, Program } from './insn.js';

/**
 * Prints a program in the notation of bpf_asm: one instruction a line, a label where a jump lands.
 *
 * A comparison whose failure goes on with the next instruction names one label only. Numbers above 65535 are
 * hexadecimal, so a load from the network header shows as `ld [0xfff0000c]`. An empty program gives an empty text.
 *
 * @param program its jumps stay inside
 * @param comment what to say behind an instruction, if anything
 * @returns lines, each with its newline
 * @see Documentation/networking/filter.rst
 */
export function formatProgram(
  program: Program,
  comment: (at: number) => string | undefined = () => undefined,
): string {
  const labels = nameTargets(program);
  const width = Math.max(0, ...[...labels.values()].map((label) => label.length + 1));
  const lines = program.map((insn, at) => {
    const label = labels.get(at);
    const start = (label === undefined ? '' : `${label}:`).padEnd(width);
    const note = comment(at);
    const code = formatInsn(insn, (skip) => labels.get(at + 1 + skip) ?? '?');
    const line = width === 0 ? code : `${start} ${code}`;
    return note === undefined ? `${line}\n` : `${line.padEnd(width + 34)} ; ${note}\n`;
  });
  return lines.join('');
}

/**
 * Prints one instruction in the notation of bpf_asm.
 *
 * @param label the name of the place that lies this many instructions behind the next one
 */
export function formatInsn(insn: Insn, label: (skip: number) => string): string {
  switch (insn.op) {
    case 'ldAbs':
      return `ld${SUFFIX[insn.size]} [${number(insn.k)}]`;
    case 'ldInd':
      return `ld${SUFFIX[insn.size]} [x + ${number(insn.k)}]`;
    case 'ldExt':
      return `ld ${insn.extension}`;
    case 'ldLen':
      return 'ld #len';
    case 'ldImm':
      return `ld #${number(insn.k)}`;
    case 'ldMem':
      return `ld M[${insn.k}]`;
    case 'ldxImm':
      return `ldx #${number(insn.k)}`;
    case 'ldxLen':
      return 'ldx #len';
    case 'ldxMem':
      return `ldx M[${insn.k}]`;
    case 'ldxMsh':
      return `ldx 4*([${number(insn.k)}]&0xf)`;
    case 'st':
      return `st M[${insn.k}]`;
    case 'stx':
      return `stx M[${insn.k}]`;
    case 'aluK':
      return `${insn.alu} #${number(insn.k)}`;
    case 'aluX':
      return `${insn.alu} x`;
    case 'ja':
      return `jmp ${label(insn.k)}`;
    case 'jmpK':
      return formatJump(insn.cond, `#${number(insn.k)}`, insn.jt, insn.jf, label);
    case 'jmpX':
      return formatJump(insn.cond, 'x', insn.jt, insn.jf, label);
    case 'retK':
      return `ret #${number(insn.k)}`;
    case 'retA':
      return 'ret a';
    case 'neg':
    case 'tax':
    case 'txa':
      return insn.op;
  }
}

const SUFFIX = { 1: 'b', 2: 'h', 4: '' } as const;

function formatJump(
  cond: string,
  operand: string,
  jt: number,
  jf: number,
  label: (skip: number) => string,
): string {
  const otherwise = jf === 0 ? '' : `, ${label(jf)}`;
  return `${cond} ${operand}, ${label(jt)}${otherwise}`;
}

function number(value: number): string {
  return value > 0xffff ? `0x${value.toString(16)}` : `${value}`;
}

function nameTargets(program: Program): ReadonlyMap<number, string> {
  const targets = new Set<number>();
  for (const [at, insn] of program.entries()) {
    if (insn.op === 'ja') targets.add(at + 1 + insn.k);
    if (insn.op !== 'jmpK' && insn.op !== 'jmpX') continue;
    targets.add(at + 1 + insn.jt);
    if (insn.jf !== 0) targets.add(at + 1 + insn.jf);
  }
  return new Map([...targets].sort((a, b) => a - b).map((at, i) => [at, `L${i + 1}`]));
}
