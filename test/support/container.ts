import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { fixture, installed, type Running, run, start } from './run.js';

/** What an image says of itself, in the words of a Dockerfile. */
export interface Image {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
}

/** A container that docker would make, by the options of `docker run` that it knows. */
export interface ContainerOptions {
  /** Prefix of the command: the host whose network it is to have. */
  readonly where: readonly string[];
  readonly image: Image;
  /** What stands behind `docker run`: options, the name of the image, and a command in place of the image's. */
  readonly words: readonly string[];
  /** System calls that the seccomp profile forbids beside those of the default one. */
  readonly forbidden?: readonly string[];
}

let made = 0;

/**
 * Starts a container as `docker run` does, by the runtime that docker has for it: first process of its PID namespace,
 * with namespaces of its own, the capabilities that are asked for, and a seccomp profile.
 *
 * The image is the file system of this machine, read only, with /opt/alfwrapper and /opt/mydaemon.
 */
export function startContainer({ where, image, words, forbidden = [] }: ContainerOptions): Running {
  const bundle = mkdtempSync(join(tmpdir(), 'alfwrapper-container-'));
  for (const name of ['rootfs', 'state']) mkdirSync(join(bundle, name));
  const name = `alf-container-${process.pid}-${++made}`;
  const config = { ...configOf(parseRun(words, image), forbidden), hostname: name };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  const runtime = (verb: string) => ['unshare', '--mount', 'test/support/container.sh', verb, bundle, name];
  const container = start([...where, ...runtime('run')]);
  onTestFinished(async () => {
    await container.kill('SIGKILL');
    await run(runtime('delete'));
    rmSync(bundle, { recursive: true });
  });
  return container;
}

interface Run {
  readonly args: readonly string[];
  readonly capabilities: readonly string[];
  readonly uid: number;
  readonly gid: number;
  readonly noNewPrivileges: boolean;
}

/** Reads the words of `docker run`. What it does not know it refuses, and so does a run with docker's own capabilities. */
function parseRun(words: readonly string[], image: Image): Run {
  const rest = [...words];
  const capabilities: string[] = [];
  let [uid, gid, init, dropped, noNewPrivileges] = [0, 0, false, false, false];
  let { entrypoint } = image;
  let { cmd } = image;
  while (rest[0]?.startsWith('--')) {
    const option = rest.shift();
    if (option === '--rm') continue;
    if (option === '--init') init = true;
    else {
      const value = rest.shift() ?? '';
      if (option === '--cap-drop' && value === 'ALL') dropped = true;
      else if (option === '--cap-add') capabilities.push(`CAP_${value}`);
      else if (option === '--user') [uid = 0, gid = 0] = value.split(':').map(Number);
      else if (option === '--security-opt' && value === 'no-new-privileges') noNewPrivileges = true;
      else if (option === '--entrypoint') [entrypoint, cmd] = [[value], []];
      else throw new Error(`docker run ${option} ${value}: not known here`);
    }
  }
  if (!dropped) throw new Error('docker run without --cap-drop ALL');
  const [, ...command] = rest;
  const args = [...entrypoint, ...(command.length > 0 ? command : cmd)];
  return { args: init ? ['tini', '--', ...args] : args, capabilities, uid, gid, noNewPrivileges };
}

/** What docker's default profile forbids to who has no capability, of what somebody here could ask for. */
const FORBIDDEN = [
  ...['acct', 'add_key', 'clock_settime', 'delete_module', 'finit_module', 'init_module', 'io_uring_setup'],
  ...['kcmp', 'kexec_load', 'keyctl', 'mount', 'move_pages', 'name_to_handle_at', 'open_by_handle_at'],
  ...[
    'perf_event_open',
    'pivot_root',
    'process_vm_readv',
    'process_vm_writev',
    'quotactl',
    'reboot',
    'request_key',
  ],
  ...['setns', 'settimeofday', 'swapoff', 'swapon', 'umount2', 'unshare', 'userfaultfd'],
];

/** The configuration of the runtime. @see https://github.com/opencontainers/runtime-spec/blob/v1.0.2/config.md */
function configOf({ args, capabilities, uid, gid, noNewPrivileges }: Run, forbidden: readonly string[]) {
  const deny = (names: readonly string[], errnoRet: number) => ({
    names,
    action: 'SCMP_ACT_ERRNO',
    errnoRet,
  });
  // A user who is not root has what is added in his bounding set only.
  const held = uid === 0 ? capabilities : [];
  const bpf = capabilities.includes('CAP_BPF') ? [] : ['bpf'];
  const bind = (source: string, destination: string) => ({
    ...{ destination, source, type: 'bind', options: ['bind', 'ro'] },
  });
  const virtual = (type: string, destination: string, ...options: string[]) => ({
    ...{ destination, source: type, type, options: ['nosuid', ...options] },
  });
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid, gid },
      args,
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      cwd: '/',
      capabilities: {
        bounding: capabilities,
        permitted: held,
        effective: held,
        inheritable: [],
        ambient: [],
      },
      noNewPrivileges,
    },
    root: { path: 'rootfs', readonly: true },
    mounts: [
      virtual('proc', '/proc', 'noexec', 'nodev'),
      virtual('tmpfs', '/dev', 'mode=755'),
      virtual('devpts', '/dev/pts', 'newinstance', 'ptmxmode=0666'),
      virtual('sysfs', '/sys', 'noexec', 'nodev', 'ro'),
      virtual('tmpfs', '/opt', 'mode=755'),
      bind(installed(''), '/opt/alfwrapper'),
      bind(fixture('sd-daemon'), '/opt/mydaemon/mydaemon'),
    ],
    linux: {
      // That of the network is the one it is started in.
      namespaces: ['pid', 'mount', 'ipc', 'uts', 'cgroup'].map((type) => ({ type })),
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      seccomp: {
        defaultAction: 'SCMP_ACT_ALLOW',
        // ENOSYS: whoever wants clone3 is to fall back on clone.
        syscalls: [deny([...FORBIDDEN, ...bpf, ...forbidden], 1), deny(['clone3'], 38)],
      },
      maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware'],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
}
