import { AlfError, quote } from '../../errors/index.js';
import { describeErrno, type Status } from '../../kernel/index.js';
import { isTooLong, MAP_HINTS, TOO_MANY_STEPS, tooManyInstructions } from '../refusal.js';
import { summarizeLog } from '../verifier.js';
import { firstError } from './diagnostics.js';
import type { ReadSource } from './source.js';

const SEE_ALL = 'run with -v for all messages of the compiler';

/** What libbcc says when the kernel refuses to create a table. */
const TABLE_REFUSED = /^could not open bpf map: (.+), error: /m;

const TABLE_HINTS: Readonly<Record<string, string>> = {
  ...MAP_HINTS,
  EINVAL:
    'the kernel does not take its type with these sizes and flags; an LPM trie is declared with BPF_LPM_TRIE',
  EPERM: 'creating tables takes CAP_BPF: run as root, or set AmbientCapabilities=CAP_BPF in the unit',
};

/**
 * Turns what was said during a compilation that failed into the error.
 *
 * @param said everything libbcc and clang said
 */
export function compileFailure(status: Status, said: string, source: ReadSource): AlfError {
  const { name, text } = describeErrno(-status);
  const [, table] = TABLE_REFUSED.exec(said) ?? [];
  const error = firstError(said, source);
  if (error !== undefined) {
    const noun = error.others === 1 ? 'error' : 'errors';
    const others = error.others > 0 ? ` (and ${error.others} more ${noun})` : '';
    return new AlfError(
      'ALF_COMPILE',
      `unable to compile ${quote(source.shown)}: ${error.message}${others}`,
      {
        hint: hintFor(error.message),
        detail: said,
      },
    );
  }
  if (table !== undefined) {
    const hint = TABLE_HINTS[name];
    return new AlfError(
      'ALF_MAP',
      `unable to create table ${quote(table)} of ${quote(source.shown)}: ${text}`,
      {
        errno: name,
        ...(hint === undefined ? {} : { hint }),
        detail: said,
      },
    );
  }
  const reason = said.trim().split('\n').at(-1) || text;
  return new AlfError('ALF_COMPILE', `unable to compile ${quote(source.shown)}: ${reason}`, {
    errno: name,
    hint: SEE_ALL,
    detail: said,
  });
}

function hintFor(message: string): string {
  if (/' file not found$/.test(message))
    return 'quoted includes are searched in the directory of the filter; kernel headers are not installed, nor needed for a filter';
  if (/unsupported map type/.test(message))
    return 'see docs/bcc.md for the types of tables that a filter can have';
  return SEE_ALL;
}

/** libbcc's own lines around the verifier's log. */
const FRAME = /^bpf: Failed to load program: /;
const TOO_LARGE = /too large \((\d+) insns\), at most \d+ insns/;

/**
 * Turns what was said while a function was loaded, and refused, into the error.
 *
 * @param said libbcc's words and the verifier's log
 */
export function loadFailure(status: Status, said: string, name: string): AlfError {
  const { name: errno, text } = describeErrno(-status);
  const what = `unable to load filter ${name}`;
  const [, count] = TOO_LARGE.exec(said) ?? [];
  const lines = withoutHints(said).filter((line) => !FRAME.test(line) && !TOO_LARGE.test(line));
  const summary = summarizeLog(lines.join('\n'));
  if (summary === undefined) {
    if (count === undefined) return new AlfError('ALF_VERIFIER', `${what}: ${text}`, { errno, detail: said });
    // libbcc drops the log here, and names the limit of older kernels.
    const { reason, hint } = isTooLong(Number(count)) ? tooManyInstructions(Number(count)) : TOO_MANY_STEPS;
    return new AlfError('ALF_VERIFIER', `${what}: ${reason}`, { errno, hint, detail: said });
  }
  const omitted = summary.omitted > 0 ? ` (${summary.omitted} lines omitted)` : '';
  return new AlfError('ALF_VERIFIER', `${what}: ${summary.reason}${omitted}`, {
    errno,
    detail: said,
    ...(summary.omitted > 0 ? { hint: 'run with -v to see the whole log' } : {}),
  });
}

/** The log without libbcc's advice, which follows it in a paragraph of its own. */
function withoutHints(said: string): string[] {
  const lines = said.split('\n');
  const advice = lines.findIndex((line) => line.startsWith('HINT: '));
  return advice < 0 ? lines : lines.slice(0, advice);
}
