import { accessSync, constants, existsSync, readFileSync, readlinkSync } from 'node:fs';
import { compileGuard } from '../../compile/seccomp/index.js';
import { AlfError } from '../../errors/index.js';
import type { Capabilities, Credentials, InterceptionAnswers, ProbeResult } from '../../plan/index.js';
import type { CoreOps, Ops } from '../index.js';
import { gatherCapabilities } from './capabilities.js';
import { parseCredentials } from './credentials.js';
import { askInterception } from './interception.js';
import { kernelMachine } from './kernel-machine.js';
import { resultOf } from './tiers.js';

/** Settings of the kernel that bear on tiers; undefined where they cannot be read. */
export interface Sysctls {
  /** `kernel.unprivileged_bpf_disabled`: 0 off, 1 on for good, 2 on until root changes it. */
  readonly unprivilegedBpfDisabled: number | undefined;
  /** `net.core.optmem_max`, in bytes. */
  readonly optmemMax: number | undefined;
  /** `net.core.bpf_jit_enable`: 0 programs are interpreted. */
  readonly bpfJitEnable: number | undefined;
  /** `net.mptcp.enabled`. */
  readonly mptcpEnabled: number | undefined;
}

/** Whether a program of ours can be started. */
export interface FileAnswer {
  readonly file: string;
  readonly state: 'executable' | 'not executable' | 'missing';
}

/** The answers of this machine and this process to the questions on which tiers depend. */
export interface Machine {
  readonly nodeVersion: string;
  readonly credentials: Credentials & { readonly gid: number };
  readonly capabilityNumbers: Capabilities['capabilityNumbers'];
  /** Whether this is a user namespace other than the first: capabilities here do not count there. */
  readonly userNamespace: boolean;
  /** Seccomp mode 2: a filter of system calls is in force. */
  readonly seccomp: boolean;
  readonly noNewPrivs: boolean;
  readonly sysctls: Sysctls;
  readonly tiers: Capabilities['tiers'];
  /** Whether libbpf can be linked. */
  readonly libbpf:
    | { readonly works: true }
    | { readonly works: false; readonly built: boolean; readonly reason: string };
  readonly companion: FileAnswer;
  /** Whether the program can be kept from taking steering off. */
  readonly guard: ProbeResult;
  /** Whether the sockets that a program opens itself can be filtered. */
  readonly interception: InterceptionAnswers;
}

/** `user:[4026531837]`: the first user namespace has had this inode since Linux 3.8. @see include/uapi/linux/nsfs.h */
const FIRST_USER_NAMESPACE = 'user:[4026531837]';

/**
 * Asks this machine all questions at once.
 *
 * @param companion path of the companion's executable
 * @throws AlfError ALF_NATIVE if the core addon cannot be loaded, ALF_STATE if /proc does not tell
 */
export function examineMachine(ops: Ops, companion: string, nodeVersion: string): Machine {
  const status = readFileSync('/proc/self/status', 'latin1');
  const { tiers, capabilityNumbers } = gatherCapabilities(ops);
  return {
    nodeVersion,
    credentials: { ...parseCredentials(status), gid: numberIn(status, /^Gid:\s+\d+\s+(\d+)/m) ?? 0 },
    capabilityNumbers,
    userNamespace: inUserNamespace(),
    seccomp: numberIn(status, /^Seccomp:\s+(\d+)/m) === 2,
    noNewPrivs: numberIn(status, /^NoNewPrivs:\s+(\d+)/m) === 1,
    sysctls: readSysctls(),
    tiers,
    libbpf: tryLibbpf(ops),
    companion: tryExecutable(companion),
    guard: tryGuard(ops.core),
    interception: askInterception(ops.core),
  };
}

function readSysctls(): Sysctls {
  return {
    unprivilegedBpfDisabled: readSysctl('kernel/unprivileged_bpf_disabled'),
    optmemMax: readSysctl('net/core/optmem_max'),
    bpfJitEnable: readSysctl('net/core/bpf_jit_enable'),
    mptcpEnabled: readSysctl('net/mptcp/enabled'),
  };
}

function readSysctl(path: string): number | undefined {
  try {
    return numberIn(readFileSync(`/proc/sys/${path}`, 'latin1'), /^(\d+)$/m);
  } catch {
    return undefined;
  }
}

function inUserNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/user') !== FIRST_USER_NAMESPACE;
  } catch {
    // A kernel without user namespaces.
    return false;
  }
}

function tryLibbpf(ops: Ops): Machine['libbpf'] {
  try {
    ops.bpf();
    return { works: true };
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    return { works: false, built: error.errno !== 'ENOENT', reason: error.message };
  }
}

function tryExecutable(file: string): FileAnswer {
  if (!existsSync(file)) return { file, state: 'missing' };
  try {
    accessSync(file, constants.X_OK);
    return { file, state: 'executable' };
  } catch {
    return { file, state: 'not executable' };
  }
}

function tryGuard(core: CoreOps): ProbeResult {
  const program = compileGuard(kernelMachine());
  return resultOf(program === undefined ? -core.constants.ENOSYS : core.tryGuard(program));
}

function numberIn(text: string, form: RegExp): number | undefined {
  const digits = form.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
