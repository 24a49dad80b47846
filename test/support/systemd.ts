import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { fixture, installed, type Result, run, start } from './run.js';

/** What a manager is to find. */
export interface ManagerOptions {
  readonly kind: 'system' | 'user';
  /** Prefix of its command: the host it is to run on. */
  readonly where: readonly string[];
  /** Files of its unit path by name; `contrib:NAME` in place of a text takes the one that comes along, unchanged. */
  readonly units: Readonly<Record<string, string>>;
  /** Files of /etc by name. If given, also without a file, changes of /etc and /var are lost with the manager. */
  readonly etc?: Readonly<Record<string, string>>;
}

/** A systemd that runs in namespaces of its own. */
export interface Manager {
  /** Prefix of a command that runs where it does, as the one whose manager it is. */
  readonly inside: readonly string[];
  systemctl(...words: string[]): Promise<Result>;
  /** A property of a unit. */
  show(unit: string, property: string): Promise<string>;
  /** Waits until a property is as it is to be. */
  until(unit: string, property: string, isSo: (value: string) => boolean): Promise<void>;
  /** What the manager itself has warned of since it is up. */
  warnings(): string[];
  /** A file as it is seen there. */
  read(file: string): Promise<string>;
  /** The name of a process. */
  comm(pid: number): Promise<string>;
  /** What a unit has written to its standard output and standard error. */
  output(unit: string): Promise<string>;
  /** The names of all processes of a unit, the companion too. */
  processes(unit: string): Promise<string[]>;
}

let made = 0;

/** Every service writes to a file: there is no journal. */
const OUTPUT = '[Service]\nStandardOutput=append:/run/output/%n\nStandardError=append:/run/output/%n\n';

/** Reached at once: the units of the test are all there is. */
const TARGETS = ['basic', 'network', 'sysinit', 'shutdown', 'multi-user', 'default', 'sockets'];

/** Starts a manager and waits until it answers; it ends with the test, and with it all that it has started. */
export async function startManager(options: ManagerOptions): Promise<Manager> {
  const { kind, where } = options;
  const directory = prepare(options);
  const cgroup = `alf-test-${process.pid}-${++made}`;
  const words = ['outside', kind, cgroup, directory, installed('')];
  // The mount namespace is outside the PID namespace, so that the cgroup can be removed when that is gone.
  const script = join(process.cwd(), 'test/support/manager.sh');
  const outer = start([...where, 'unshare', '--mount', script, ...words], { stdio: 'pipe' });
  onTestFinished(async () => {
    await outer.kill('SIGKILL');
    removeCgroup(cgroup);
    rmSync(directory, { recursive: true });
  });
  const init = await findInit(outer);
  // Its root as well: in a chroot that is not the one of its mount namespace.
  const enter = ['nsenter', '--target', String(init), '--all', '--root', '--wd', '--'];
  const inside = kind === 'system' ? enter : [...enter, ...AS_USER];
  const systemctl = (...verb: string[]) =>
    run([...inside, 'systemctl', ...(kind === 'user' ? ['--user'] : []), ...verb]);
  const show = async (unit: string, property: string) =>
    (await systemctl('show', '--value', '--property', property, unit)).stdout.trim();
  await untilSo(async () => (await systemctl('is-active', 'basic.target')).stdout.trim() === 'active', outer);
  const read = async (file: string) => (await run([...enter, 'cat', file])).stdout;
  const groups = new Map<string, string>();
  const before = readFileSync(join(directory, 'log'), 'utf8').length;
  return {
    inside,
    systemctl,
    show,
    read,
    until: (unit, property, isSo) => untilSo(async () => isSo(await show(unit, property)), outer),
    warnings: () => {
      const lines = readFileSync(join(directory, 'log'), 'utf8').slice(before).split('\n');
      return lines.filter((line) => WARNING.test(line));
    },
    output: (unit) => read(`/run/output/${unit}`),
    comm: async (pid) => (await read(`/proc/${pid}/comm`)).trim(),
    processes: async (unit) => {
      // A unit that has stopped has none any more; what is left of it would still be in the one that it had.
      const group = (await show(unit, 'ControlGroup')) || groups.get(unit);
      if (group === undefined) throw new Error(`${unit} has not been running`);
      groups.set(unit, group);
      const { stdout } = await run([...enter, 'sh', '-c', LIST, 'sh', `/sys/fs/cgroup${group}/cgroup.procs`]);
      return stdout.split('\n').filter((line) => line !== '');
    },
  };
}

/** In front of a message stands its priority: 24 to 28 for a daemon's emergencies to warnings, see syslog(3). */
const WARNING = /^<2[4-8]>|left-over|remains running/;

const LIST = 'for pid in $(cat "$1" 2>/dev/null); do cat /proc/$pid/comm; done';

const AS_USER = [
  ...['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--inh-caps', '-all'],
  ...['--bounding-set', '-all', 'env', 'XDG_RUNTIME_DIR=/run/user/65534', 'HOME=/run/user/65534'],
];

function prepare({ units, etc }: ManagerOptions): string {
  const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-manager-'));
  chmodSync(directory, 0o755);
  const write = (name: string, text: string) => {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    if (text.startsWith('contrib:')) cpSync(join('contrib/systemd', text.slice('contrib:'.length)), file);
    else writeFileSync(file, text);
  };
  write('log', '');
  chmodSync(join(directory, 'log'), 0o666);
  write('units/service.d/output.conf', OUTPUT);
  for (const name of TARGETS) write(`units/${name}.target`, '[Unit]\nDefaultDependencies=no\n');
  for (const [name, text] of Object.entries(units)) write(`units/${name}`, text);
  if (etc !== undefined) mkdirSync(join(directory, 'etc'));
  for (const [name, text] of Object.entries(etc ?? {})) write(`etc/${name}`, text);
  mkdirSync(join(directory, 'opt/mydaemon'), { recursive: true });
  cpSync(fixture('sd-daemon'), join(directory, 'opt/mydaemon/mydaemon'));
  return directory;
}

/** The init of the PID namespace: of the children of the process that makes it, the one that is in another. */
async function findInit(outer: { readonly pid: number; stderr(): string }): Promise<number> {
  let init = 0;
  await untilSo(async () => {
    init = Number(readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, 'latin1').trim() || 0);
    return init > 0 && readlinkSync(`/proc/${init}/ns/pid`) !== readlinkSync('/proc/self/ns/pid');
  }, outer);
  return init;
}

async function untilSo(isSo: () => Promise<boolean>, outer: { stderr(): string }): Promise<void> {
  const from = performance.now();
  while (!(await isSo().catch(() => false))) {
    if (performance.now() - from > 20_000) throw new Error(`not so after 20 s: ${outer.stderr()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Everything that was in it has been killed; the kernel may not be through with that. */
function removeCgroup(name: string): void {
  const remove = `umount -l /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup
    for i in 1 2 3 4 5 6 7 8 9; do
      find /sys/fs/cgroup/${name} -depth -type d -exec rmdir {} + 2>/dev/null && exit 0
      sleep 0.1
    done; exit 1`;
  execFileSync('unshare', ['--mount', 'sh', '-c', remove], { stdio: 'pipe' });
}
