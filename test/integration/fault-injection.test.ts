import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { CliEnv } from '../../src/cli/index.js';
import { main } from '../../src/cli/index.js';
import { loadOps } from '../../src/kernel/index.js';
import { type WatchedOps, watchOps } from '../support/failing-ops.js';
import { makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { type Result, run } from '../support/run.js';

const ROOT = process.cwd();
const ARGV = [
  ...[
    '-v',
    '--tier',
    'ebpf',
    '--port',
    '0',
    '--address',
    '::1',
    '--set',
    'allow4,0,10.0.0.0/8',
    '--set',
    'allow4,1,127.0.0.0/8',
  ],
  ...['--set', 'allow6,0,::1/128', 'whitelist', 'true'],
];

const HINT = '  hint: a seccomp filter of the container or the unit may forbid the call\n';

/** Calls that are made only for another user. */
const IDENTITY = ['setgroups', 'setresgid', 'setresuid', 'capset'];

/** Descriptors of this process that sockets, maps and programs hang on. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    })
    .filter((file) => file.startsWith('socket:') || file.includes('bpf') || file.includes('btf'))
    .sort();
}

interface Outcome {
  readonly status: number;
  readonly stderr: string;
  readonly ops: WatchedOps;
}

/** Runs the whole command line in this process, with the n-th native call failing. */
async function launch(argv: readonly string[], failing: number): Promise<Outcome> {
  const ops = watchOps(loadOps(ROOT, process.dlopen), failing);
  let stderr = '';
  const env: CliEnv = {
    argv,
    rawArgv: argv.map((word) => Buffer.from(word)),
    environment: [Buffer.from('PATH=/usr/bin:/bin')],
    record: '0 0 1024:4096 0,1,2,',
    pid: process.pid,
    nodeVersion: process.versions.node,
    root: ROOT,
    ops,
    write: (_, text) => {
      stderr += text;
    },
  };
  const status = await main(env);
  return { status, stderr, ops };
}

describeWith(['root', 'bpf'], 'a launch in which the n-th native call fails', () => {
  it('makes these calls when none does', async () => {
    const { ops, stderr } = await launch(ARGV, 0);
    expect(stderr).toMatch(
      /^alfwrapper: tcp \[::1\]:0 [^\n]+\nalfwrapper: sockets that [^\n]+ are not filtered\n$/,
    );
    expect(ops.calls).toEqual([
      'probe',
      ...[
        'takeLog',
        'objectOpen',
        'objectLoad',
        'objectMap',
        'mapUpdate',
        'mapUpdate',
        'objectMap',
        'mapUpdate',
      ],
      ...['objectProgram', 'programId', 'tryAttach'],
      // A handover that works does not return; the one of this test does.
      ...['launchOpen', 'pidfdId', 'launchSettle', 'launchHandover', 'launchClose', 'objectClose'],
    ]);
    expect(ops.handedOver).toBe(1);
  });

  it('leaves no descriptor, execs nothing and prints one line and a hint at most, for every n', async () => {
    const { ops } = await launch(ARGV, 0);
    for (let n = 1; n <= ops.calls.length; n++) {
      const before = openFiles();
      const outcome = await launch(ARGV, n);
      const failed = outcome.ops.calls[n - 1] ?? '';
      // These have nothing to fail with: a courtesy to the target, a log that is cleared, and a close has closed.
      if (['pidfdId', 'takeLog', 'objectClose', 'close', 'launchClose'].includes(failed)) continue;
      expect({ n, failed, status: outcome.status }).toEqual({ n, failed, status: 125 });
      expect(outcome.stderr).toMatch(
        /^(alfwrapper: (tcp|sockets that) [^\n]+\n){0,2}alfwrapper: [^\n]+: [^\n]+\(EIO\)\n( {2}hint: [^\n]+\n)?$/,
      );
      expect(failed === 'launchHandover' || outcome.ops.handedOver === undefined).toBe(true);
      expect({ n, failed, open: openFiles() }).toEqual({ n, failed, open: before });
    }
  });
});

describeWith(['root', 'bpf', 'netns', 'strace'], 'a launch in which a system call fails for real', () => {
  const network = makeNetwork();

  const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-faults-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const strace = (...args: string[]) => [...network.server, 'strace', ...args];
  const wrapped = ['./alfwrapper', '--tier', 'ebpf', 'whitelist-private', 'echo', 'running'];

  const asNobody = ['./alfwrapper', '--tier', 'ebpf', '--user', 'nobody', ...wrapped.slice(3)];

  // Only the main thread is traced, which is the one that does everything. Node makes some of these calls too, long
  // before: the number says which one of them is ours.
  it.each([
    ['bpf', 'EPERM', '1+', 'loading eBPF is refused'],
    ['bpf', 'ENOMEM', '2+', 'unable to load filter'],
    ['bind', 'EADDRINUSE', '1', 'unable to bind tcp [::]:4242'],
    ['listen', 'EADDRINUSE', '1', 'unable to listen on tcp [::]:4242'],
    ['setsockopt', 'ENOMEM', '5', 'unable to attach filter whitelist-private: not enough memory (ENOMEM)'],
    ['setsockopt', 'ENOMEM', '6', 'unable to set SO_REUSEADDR on tcp [::]:4242'],
    ['setsockopt', 'ENOMEM', '8', 'unable to attach the filter to tcp [::]:4242'],
    ['setsockopt', 'EPERM', '9', 'unable to lock the filter of tcp [::]:4242'],
    ['close_range', 'ENOSYS', '1', 'unable to hand over'],
    ['setgroups', 'EPERM', '1', 'unable to set the supplementary groups to 65534'],
    ['setresgid', 'EAGAIN', '1', 'unable to set the group to 65534'],
    ['setresuid', 'EAGAIN', '1', 'unable to set the user to 65534'],
    ['capset', 'EPERM', '1', 'unable to drop all capabilities'],
  ])('execs nothing when %s answers %s (call %s)', async (call, errno, when, message) => {
    const inject = `inject=${call}:error=${errno}:when=${when}`;
    const { status, stdout, stderr } = await run([
      ...strace('-o', '/dev/null', '-e', `trace=${call}`, '-e', inject),
      ...(IDENTITY.includes(call) ? asNobody : wrapped),
    ]);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^alfwrapper: [^\n]+\n( {2}hint: [^\n]+\n)?$/);
    expect(status).toBe(125);
  });

  /**
   * Makes the first or the last call of a name after close_range(2) fail, which is where the descriptor table becomes our own.
   *
   * Which one that is has to be counted beforehand, and threads that start make some of these calls too, not always
   * the same number: a run in which another call failed says nothing, and is made again.
   */
  async function failInHandover(call: string, which: 'first' | 'last'): Promise<Result> {
    const log = join(directory, `${call}.strace`);
    const trace = ['-o', log, '-e', `trace=${call},close_range`, '-e', 'signal=none'];
    const calls = () => readFileSync(log, 'utf8').split('\n');
    const handover = (lines: readonly string[]) => lines.findIndex((line) => line.startsWith('close_range('));
    for (let attempts = 0; attempts < 10; attempts++) {
      await run([...strace(...trace), ...wrapped]);
      // The exec of the traced program itself is shown but does not count.
      const found = calls().filter((line) => /^\w+\(/.test(line));
      const before = handover(found) - (call === 'execve' ? 1 : 0);
      const offset = which === 'first' ? 1 : found.length - 1 - handover(found);
      const result = await run([
        ...strace(...trace, '-e', `inject=${call}:error=EPERM:when=${before + offset}`),
        ...wrapped,
      ]);
      const lines = calls();
      if (lines.findIndex((line) => line.includes('(INJECTED)')) === handover(lines) + offset) return result;
    }
    throw new Error(`no run in which the ${which} ${call} of the handover failed`);
  }

  it.each([
    ['first', 'dup2', 'unable to place a listener (dup2)', 125],
    ['first', 'fcntl', 'unable to move a listener (fcntl)', 125],
    ['first', 'prlimit64', 'unable to restore the limit on open files (prlimit64)', 125],
    ['first', 'rt_sigaction', 'unable to restore signal dispositions (rt_sigaction)', 125],
    // glibc 2.41 blocks signals while it sets what SIGABRT does.
    ['last', 'rt_sigprocmask', 'unable to restore the signal mask (rt_sigprocmask)', 125],
    ['first', 'execve', 'unable to execute /usr/bin/echo', 126],
  ] as const)(
    'ends with one line when the %s %s of the handover fails',
    async (which, call, message, expected) => {
      expect(await failInHandover(call, which)).toMatchObject({
        status: expected,
        stdout: '',
        stderr: `alfwrapper: ${message}: Operation not permitted\n${expected === 125 ? HINT : ''}`,
      });
    },
  );

  it.each([
    ['socket', 6],
    ['setsockopt', 8],
    ['setsockopt', 9],
    ['bind', 1],
    ['listen', 1],
    ['close_range', 1],
    ['execve', 2],
  ])('leaves nothing when it is killed at %s (call %s)', async (call, when) => {
    const inject = `inject=${call}:signal=KILL:when=${when}`;
    const killed = await run([...strace('-o', '/dev/null', '-e', `trace=${call}`, '-e', inject), ...wrapped]);
    expect(killed).toMatchObject({ stdout: '', signal: 'SIGKILL' });
    expect(await run([...network.server, ...wrapped])).toMatchObject({ status: 0, stdout: 'running\n' });
  });
});
