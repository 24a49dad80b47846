import { type Advice, AlfError, type ErrorCode, quote } from '../errors/index.js';
import { check, describeErrno, type Hints, type LaunchFailure } from '../kernel/index.js';
import {
  GUARD_ADVICE,
  GUARDING,
  INTERCEPTING,
  isUnixListener,
  NOTIFY_ADVICE,
  type Plan,
  type PlannedListener,
} from '../plan/index.js';
import type { Change } from './changes.js';

/** What errors are worded from. */
export interface FailureContext {
  readonly plan: Plan;
  readonly changes: readonly Change[];
  /** Path of the companion's executable. */
  readonly companion: string;
}

/** How the failure of a step is said. */
interface Wording {
  readonly code: ErrorCode;
  /** To follow "unable to". */
  readonly what: string;
  readonly hints?: Hints;
  /** In place of the errno's text, and what to do then. */
  readonly reason?: string;
  readonly hint?: string;
  /** Whether the kernel gave no errno. */
  readonly withoutErrno?: true;
}

/**
 * Words a step of the runtime that failed.
 *
 * @throws AlfError always, with the code of the step
 */
export function throwFailure(failure: LaunchFailure, context: FailureContext): never {
  const { code, what, hints = {}, reason, hint, withoutErrno } = wordingOf(failure, context);
  if (reason === undefined) check(-failure.errno, code, what, hints);
  const { name } = describeErrno(failure.errno);
  throw new AlfError(code, `unable to ${what}: ${reason}`, {
    ...(withoutErrno === true ? {} : { errno: name }),
    ...(hint === undefined ? {} : { hint }),
  });
}

function wordingOf(failure: LaunchFailure, { plan, changes, companion }: FailureContext): Wording {
  const listener = plan.listeners[failure.listener];
  switch (failure.step) {
    case 'plan':
      return { code: 'ALF_NATIVE', what: 'decode the plan', ...damaged(failure) };
    case 'process': {
      const change = changes[failure.index];
      if (change !== undefined) return change;
      break;
    }
    case 'companion':
      return { code: 'ALF_KEEPER', what: `start ${companion}`, hints: COMPANION_HINTS };
    case 'guard':
      return { code: 'ALF_GUARD', what: GUARDING, hints: { '*': GUARD_ADVICE } };
    case 'intercept':
      return { code: 'ALF_INTERCEPT', what: `${INTERCEPTING} (seccomp)`, hints: NOTIFY_ADVICE };
    case 'supervise':
      return {
        code: 'ALF_INTERCEPT',
        what: `${INTERCEPTING}: the companion does not supervise them`,
        hints: SUPERVISE_HINTS,
      };
    case 'handover':
      return { code: 'ALF_HANDOVER', what: 'hand over (close_range)', hints: HANDOVER_HINTS };
    default:
      if (listener !== undefined) return ofListener(failure, listener);
  }
  return { code: 'ALF_NATIVE', what: `carry out the plan (${failure.step})` };
}

/** Node.js has no name and no text for EBADMSG. */
function damaged({ errno }: LaunchFailure): Partial<Wording> {
  return describeErrno(errno).name === 'ENOMEM' ? {} : { reason: 'it is damaged', withoutErrno: true };
}

const PARTS = ['', 'the sink of ', 'the second socket of '];

function ofListener({ step, part, index }: LaunchFailure, listener: PlannedListener): Wording {
  const { label } = listener;
  const socket = `${PARTS[part] ?? ''}${label}`;
  const code = 'ALF_SOCKET';
  switch (step) {
    case 'create':
      return { code, what: `create a socket for ${socket}`, hints: CREATE_HINTS };
    case 'option':
      return { code, what: `set ${listener.options[index]?.name} on ${socket}`, hints: OPTION_HINTS };
    case 'attach':
      return { code, what: `attach the filter to ${label}`, hints: attachHints(listener) };
    case 'lock':
      return { code, what: `lock the filter of ${label}` };
    case 'bind':
      return { code, what: `bind ${label}`, hints: isUnixListener(listener) ? BIND_FILE_HINTS : BIND_HINTS };
    case 'listen':
      return { code, what: `listen on ${label}`, hints: LISTEN_HINTS };
    case 'name':
      return { code, what: `ask for the address of ${label}` };
    case 'file-owner':
      return { code, what: `find out whether a process has ${label}` };
    case 'file-in-use':
      return { code, what: `bind ${label}`, reason: 'another socket has it', hint: 'see: ss -lxp' };
    case 'file-no-socket':
      return {
        code,
        what: `bind ${label}`,
        reason: 'a file that is not a socket has this path',
        hint: 'move it, or listen elsewhere',
      };
    case 'file-replace':
      return { code, what: `replace the socket ${quote(pathOf(listener))} that no process listens on` };
    case 'key':
      return { code, what: `make a key for ${label}` };
    case 'shield':
      return { code, what: `shield the sink of ${label}` };
    case 'queue':
      return { code, what: `read the queue of ${label}` };
    case 'share':
      return { code, what: `set SO_REUSEPORT on ${label}` };
    case 'filter-read':
      return { code, what: `look for a filter on ${label}` };
    case 'filter-present':
      return {
        code,
        what: `filter ${label}`,
        reason: 'it was passed in with a filter',
        hint: FILTERED_HINT,
        withoutErrno: true,
      };
    case 'grace':
      return { code, what: `wait for the filter of ${label} (membarrier)`, hints: GRACE_HINTS };
    case 'examine':
      return { code, what: `examine ${label}` };
    case 'reset':
      return { code, what: `reset a connection on ${label}` };
    case 'discard':
      return { code, what: `empty the queue of ${label}` };
    default:
      return { code: 'ALF_NATIVE', what: `carry out the plan (${step})` };
  }
}

function pathOf(listener: PlannedListener): string {
  return isUnixListener(listener) ? listener.socket.path : '';
}

function attachHints({ tier }: PlannedListener): Hints {
  const ENOMEM = 'the filter is larger than sysctl net.core.optmem_max allows';
  if (tier === 'steer') return { ENOMEM };
  return { ENOMEM, EPERM: NEEDS_ADMIN };
}

const NEEDS_ADMIN: Advice = {
  hint: 'a classic filter on TCP needs CAP_NET_ADMIN on this kernel',
  remedy: { kind: 'use tier', tier: 'steer' },
};

const FILTERED_HINT =
  'an earlier start or another program attached it; PartOf= in the .socket unit opens new sockets with the service';

const COMPANION_HINTS: Hints = {
  ENOENT: 'run scripts/setup.sh',
  EACCES: 'is it executable, and on a file system that allows that?',
  EAGAIN: 'the limit on processes is reached; see: ulimit -u',
};

const SUPERVISE_HINTS: Hints = {
  EPIPE: 'the companion has ended: was it killed, or is memory short?',
  ETIMEDOUT: 'the companion does not answer: is the machine overloaded?',
};

const HANDOVER_HINTS: Hints = { ENOSYS: 'this needs Linux 5.10 or later' };

const CREATE_HINTS: Hints = {
  EAFNOSUPPORT:
    'the kernel has no such addresses: listen on IPv4 (0.0.0.0) in place of IPv6, or the other way',
  EMFILE: 'the limit on open files is reached; see: ulimit -n',
};

const OPTION_HINTS: Hints = {
  EPERM: 'it needs CAP_NET_ADMIN',
  ENODEV: 'there is no such interface; see: ip link show',
  ENOENT: 'see: sysctl net.ipv4.tcp_available_congestion_control',
};

const BIND_HINTS: Hints = {
  EADDRINUSE: 'another socket has this port; see: ss -lnp',
  EADDRNOTAVAIL: 'no interface of this machine has this address; see: ip address',
  EACCES: 'ports below 1024 need CAP_NET_BIND_SERVICE or a lower sysctl net.ipv4.ip_unprivileged_port_start',
  EINVAL: 'a link-local address needs its interface: fe80::1%eth0',
};

const BIND_FILE_HINTS: Hints = {
  EADDRINUSE: 'another socket has this name; see: ss -lxp',
  EACCES: 'the directory must be writable, and those above it searchable',
  ENOENT: 'its directory does not exist',
};

const LISTEN_HINTS: Hints = { EADDRINUSE: 'another socket listens on this port; see: ss -lntp' };

const GRACE_HINTS: Hints = {
  EINVAL: {
    hint: 'a kernel that was booted with nohz_full cannot wait',
    remedy: { kind: 'open listeners', orLend: false },
  },
};
