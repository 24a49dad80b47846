/**
 * Runs a launch again and again, each time with another native call failing, in a process of its own: a companion watches
 * the process that starts it, and what is left when the process has ended can be looked for.
 *
 *   fault-runner.ts ARGV…      prints a line of JSON for n = 0 (nothing fails), then one for each n
 *
 * Each launch finds at the path STALE_SOCKET, if it is set, a socket that nobody listens on any more.
 */
import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { type CliEnv, main } from '../../src/cli/index.js';
import { type CoreOps, loadOps } from '../../src/kernel/index.js';
import { encodeUnixSockaddr } from '../../src/net/index.js';
import { watchOps } from './failing-ops.js';

/** What a launch came to. */
export interface FaultReport {
  readonly n: number;
  /** Name of the call that failed. */
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
}

const BINDING = [
  'guard',
  'setgroups',
  'setgid',
  'setuid',
  'dropBounding',
  'capset',
  'umask',
  'chdir',
  'noNewPrivs',
];

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

function leaveSocket(core: CoreOps, path: string): void {
  rmSync(path, { force: true });
  const { AF_UNIX, SOCK_STREAM } = core.constants;
  const fd = core.socket(AF_UNIX, SOCK_STREAM, 0);
  core.bindFile(fd, encodeUnixSockaddr(path, AF_UNIX), 0o600);
  core.close(fd);
}

async function launch(argv: readonly string[], n: number): Promise<FaultReport> {
  const companions: number[] = [];
  const real = loadOps(ROOT, process.dlopen);
  const core = new Proxy(real.core, {
    get: (object, name) => {
      const member: unknown = Reflect.get(object, name);
      // These would bind this process for good, and so the launches that follow.
      if (BINDING.includes(String(name))) return () => 0;
      if (name !== 'startCompanion') return member;
      return (...args: Parameters<typeof real.core.startCompanion>) => {
        const pid = real.core.startCompanion(...args);
        if (pid > 0) companions.push(pid);
        return pid;
      };
    },
  });
  const stale = process.env['STALE_SOCKET'];
  if (stale !== undefined) leaveSocket(real.core, stale);
  const ops = watchOps({ ...real, core }, n);
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
  const left = openFiles().filter((file) => !before.includes(file));
  const { calls, handedOver } = ops;
  // What was handed over is as good as gone: the next launch may want the same name.
  for (const fd of handedOver?.listeners ?? []) real.core.close(fd);
  return {
    ...{ n, failed: calls[n - 1] ?? '', status, stderr, left, companions, calls },
    handedOver: handedOver?.listeners.length ?? null,
  };
}

const argv = process.argv.slice(2);
const first = await launch(argv, 0);
console.log(JSON.stringify(first));
for (let n = 1; n <= first.calls.length; n++) console.log(JSON.stringify(await launch(argv, n)));
