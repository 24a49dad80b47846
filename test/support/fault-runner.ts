/**
 * Runs a launch again and again, each time with another native call or another system call of the runtime failing, in a
 * process of its own: a companion watches the process that starts it, and what is left when the process has ended can be
 * looked for.
 *
 *   fault-runner.ts ARGV…      prints a line of JSON for n = 0 (nothing fails), one for each native call, one for each call of
 *                              the runtime
 *
 * Each launch finds at the path STALE_SOCKET, if it is set, a socket that nobody listens on any more.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { type CliEnv, main } from '../../src/cli/index.js';
import { loadOps } from '../../src/kernel/index.js';
import { watchOps } from './failing-ops.js';

/** What a launch came to. */
export interface FaultReport {
  readonly n: number;
  /** Name of the native call that failed, `runtime` for a system call of the runtime. */
  readonly failed: string;
  readonly status: number;
  readonly stderr: string;
  /** How many listeners were handed over; null if it did not come to that. */
  readonly handedOver: number | null;
  /** Descriptors that were opened and not closed. */
  readonly left: readonly string[];
  /** Process ids of the companions it started. */
  readonly companions: readonly number[];
  readonly calls: readonly string[];
  /** System calls of the runtime. */
  readonly runtimeCalls: number;
}

const EIO = 5;

/** Two listeners without an address. */
const PRETENDED = { bound: [new Uint8Array(128), new Uint8Array(128)], companion: 0 };

const ROOT = process.cwd();

/** Descriptors of this process that sockets, maps, programs and processes hang on. */
function openFiles(): string[] {
  const files = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return `${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`;
    } catch {
      return '';
    }
  });
  return files.filter((file) => /^\d+ (socket|pidfd|anon_inode:(bpf|btf|\[pidfd))/.test(file));
}

/** Leaves a socket at a path that no process listens on. */
function leaveSocket(path: string): void {
  const bind = 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])';
  rmSync(path, { force: true });
  execFileSync('python3', ['-c', bind, path]);
}

/**
 * @param failing which native call fails, from 1; 0 is none
 * @param failingInRuntime which system call of the runtime fails, from 1; 0 is none
 */
async function launch(
  argv: readonly string[],
  failing: number,
  failingInRuntime: number,
): Promise<FaultReport> {
  const real = loadOps(ROOT, process.dlopen);
  // Another identity would bind this process for good, and so the launches that follow.
  const pretends = argv.includes('--user');
  const core = new Proxy(real.core, {
    get: (object, name) => {
      if (name === 'launchOpen' && pretends) return () => PRETENDED;
      // So would the guard of tier steer.
      if (name === 'launchSettle') return () => ({ removed: [] });
      return Reflect.get(object, name) as unknown;
    },
  });
  const stale = process.env['STALE_SOCKET'];
  if (stale !== undefined) leaveSocket(stale);
  const ops = watchOps({ ...real, core }, failing);
  real.core.failCall(failingInRuntime, EIO);
  const before = openFiles();
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
  const runtimeCalls = real.core.failCall(0, 0);
  const left = openFiles().filter((file) => !before.includes(file));
  const { calls, companion, handedOver = null } = ops;
  const companions = companion > 0 ? [companion] : [];
  const [n, failed] = failing > 0 ? [failing, calls[failing - 1] ?? ''] : [failingInRuntime, 'runtime'];
  return { n, failed, status, stderr, left, companions, calls, runtimeCalls, handedOver };
}

const argv = process.argv.slice(2);
const first = await launch(argv, 0, 0);
console.log(JSON.stringify(first));
for (let n = 1; n <= first.calls.length; n++) console.log(JSON.stringify(await launch(argv, n, 0)));
for (let n = 1; n <= first.runtimeCalls; n++) console.log(JSON.stringify(await launch(argv, 0, n)));
