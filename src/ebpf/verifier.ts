/** What is left of a verifier log for one line of an error. */
export interface LogSummary {
  /** The line that says why. */
  readonly reason: string;
  /** How many other lines there were. */
  readonly omitted: number;
}

/** Lines that never say why: libbpf's frame around the log, and the verifier's statistics. */
const NOISE = /^(-- (BEGIN|END) |libbpf: |processed \d+ insns|verification time|stack depth|max_states)/;

/** Lines that only show where the verifier was: instructions, register states, source lines, branches. */
const TRACE =
  /^(\d+: |; |R\d|from \d+ to \d+|func#|Live regs|mark_precise|last_idx|regs=|\d+: \(|arg#|Global function|Validating)/;

/**
 * Finds the line of a verifier log that says why a program was refused: the last one that is neither noise nor trace.
 *
 * @param log what libbpf and the verifier said; empty is allowed
 * @returns undefined if nothing in it says anything
 */
export function summarizeLog(log: string): LogSummary | undefined {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const said = lines.filter((line) => !NOISE.test(line));
  const reason = said.findLast((line) => !TRACE.test(line)) ?? said.at(-1) ?? lasting(lines);
  return reason === undefined ? undefined : { reason: reason.trim(), omitted: lines.length - 1 };
}

/** Without a verifier log libbpf's own last words are the best there is. */
function lasting(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => line.startsWith('libbpf: '))?.replace(/^libbpf: /, '');
}
