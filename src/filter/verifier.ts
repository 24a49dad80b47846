/** What is left of a verifier log for one line of an error. */
export interface LogSummary {
  /** The line that says why. */
  readonly reason: string;
  /** How many other lines there were. */
  readonly omitted: number;
}

const BEGIN = '-- BEGIN PROG LOAD LOG --';
const END = '-- END PROG LOAD LOG --';
const LIBBPF = /^libbpf: /;

/** libbpf's message after any failure. */
const EPITAPH = /failed to load object|BPF program load failed|failed to load: -\d+$/;

/**
 * Lines of the verifier that only show where it was: instructions, source lines, register states, branches, loops,
 * statistics. A line that starts with a register and continues with words is not one of them: `R1 !read_ok` says why.
 */
const TRACE =
  /^(\d+: |; |R\d+(_\w+)?=|from \d+ to \d+|(cur|old) state:|func#|Live regs|mark_precise|last_idx|regs=|frame\d+:|arg#|Global function|Validating|processed \d+ insns|verification time|stack depth|max_states)/;

/**
 * Finds the line of a verifier log that says why a program was refused: the last one that is not a trace. Where the
 * verifier was not reached it is libbpf's last word that says anything.
 *
 * @param log what libbpf and the verifier said; empty is allowed
 * @returns undefined if nothing in it says anything
 */
export function summarizeLog(log: string): LogSummary | undefined {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  const said = verifierLines(lines);
  const reason = said.findLast((line) => !TRACE.test(line)) ?? said.at(-1) ?? lastWord(lines);
  return reason === undefined ? undefined : { reason: reason.trim(), omitted: lines.length - 1 };
}

/** What the verifier said about the program, without libbpf's frame and without the log about the object's BTF. */
function verifierLines(lines: readonly string[]): readonly string[] {
  const begin = lines.findLastIndex((line) => line.endsWith(BEGIN));
  if (begin < 0) return lines.some((line) => LIBBPF.test(line)) ? [] : lines;
  const end = lines.findIndex((line, i) => i > begin && line.endsWith(END));
  return lines.slice(begin + 1, end < 0 ? undefined : end);
}

function lastWord(lines: readonly string[]): string | undefined {
  const words = lines.filter((line) => LIBBPF.test(line));
  const word = words.findLast((line) => !EPITAPH.test(line)) ?? words.at(-1);
  return word?.replace(LIBBPF, '');
}
