import { expect, it } from 'vitest';
import { type Call, Injector } from '../support/injection.js';
import { Random, seedOf } from '../support/random.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, type Result } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

const ERRNOS = ['EPERM', 'ENOSYS', 'ENOMEM', 'EMFILE', 'EINTR'];
const TCP = ['-l', '127.0.0.1:0'];
const UDP = ['-l', 'udp:127.0.0.1:0'];
/** Kinds of launches: title, user, options, and calls that are left out. */
const LAUNCHES: readonly [string, readonly string[], readonly string[], readonly string[]][] = [
  ['ebpf, root', [], ['--tier', 'ebpf', ...TCP], []],
  ['classic, root', [], ['--tier', 'classic', ...TCP], []],
  // Only the wait for the companion's answer polls, and is restarted when its first process ends.
  ['steer, root', [], ['--tier', 'steer', ...TCP], ['poll', 'restart_syscall']],
  ['steer, uid 65534', AS_NOBODY, TCP, ['poll', 'restart_syscall']],
  ['classic, uid 65534', AS_NOBODY, UDP, []],
  // A module of the name service switch aborts the process.
  ['another user', [], ['--tier', 'ebpf', '--user', 'nobody', ...TCP], ['rt_sigprocmask']],
];

/** How many calls fail in each kind of launch: `all`, or as many as ALF_TEST_INJECTIONS says. */
const SAMPLE = process.env['ALF_TEST_INJECTIONS'] ?? '40';
const AT_ONCE = 2;

/** One line and a hint; warnings may come before. */
const LINE = '[^\\n]+\\n';
const WARNINGS = `(alfwrapper: warning: ${LINE})*`;
const ENFORCED = new RegExp(`^${WARNINGS}$`);
const FAILED = new RegExp(`^${WARNINGS}alfwrapper: ${LINE}( {2}hint: ${LINE})?$`);

/** What is wrong with how a launch has ended, undefined if nothing is. */
function wrong({ name }: Call, { status, signal, stdout, stderr }: Result) {
  const isEnforced = status === 0 && stdout === 'enforced\n' && ENFORCED.test(stderr);
  const statuses = name === 'execve' ? [125, 126] : [125];
  const hasFailed = statuses.includes(status ?? -1) && stdout === '' && FAILED.test(stderr);
  return isEnforced || hasFailed ? undefined : { status, signal, stdout, stderr };
}

describeWith(['root', 'bpf', 'strace'], 'a launch in which one system call fails', () => {
  const random = new Random(seedOf('injections'));

  it.each(LAUNCHES)(
    '%s: ends with 125 and one line, or is enforced',
    async (_, prefix, words, except) => {
      const command = [installed('alfwrapper'), ...words, '--allow', '127.0.0.1', '--', fixture('enforced')];
      const injector = new Injector(prefix, command);
      const calls = (await injector.list()).filter(({ name }) => !except.includes(name));
      const work =
        SAMPLE === 'all'
          ? calls.flatMap((call) => ERRNOS.map((errno) => ({ call, errno })))
          : random.list(Number(SAMPLE), Number(SAMPLE), () => ({
              call: pickCall(calls),
              errno: random.pick(ERRNOS),
            }));
      const failures: unknown[] = [];
      let missed = 0;
      const worker = async () => {
        for (let next = work.pop(); next !== undefined; next = work.pop()) {
          const result = await injector.fail(next.call, next.errno);
          if (result === undefined) missed++;
          const problem = result && wrong(next.call, result);
          if (problem !== undefined) failures.push({ ...next, ...problem });
        }
      };
      const total = work.length;
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      injector.remove();
      expect(failures).toEqual([]);
      expect(missed).toBeLessThan(total / 4);
    },
    3_600_000,
  );

  /** Those that are made once are as likely to be picked as those that are made a hundred times. */
  function pickCall(calls: readonly Call[]): Call {
    const phase = random.pick(['launch', 'launch', 'launch', 'entry'] as const);
    const own = calls.filter((call) => call.phase === phase);
    const name = random.pick([...new Set(own.map((call) => call.name))]);
    return random.pick(own.filter((call) => call.name === name));
  }
});
