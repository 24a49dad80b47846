import { AlfError } from '../../errors/index.js';
import type { Capabilities, ProbeResult } from '../../plan/index.js';
import { type CoreOps, describeErrno, type Status } from '../index.js';

/** The smallest program of all, `ret 0`: one `struct sock_filter`, the same in both byte orders but for its code. */
const RETURN_ZERO = new Uint8Array(new Uint16Array([6, 0, 0, 0]).buffer);

/**
 * Finds out which tiers work for this process on this machine.
 *
 * Trying is the only answer that holds: it depends on capabilities, the user namespace, sysctls, LSMs, seccomp and what
 * distributions backport. Tiers behind the strongest one are tried when somebody asks, for mostly nobody does.
 */
export function probeTiers(core: CoreOps): Capabilities['tiers'] {
  const { SOCK_STREAM, SOCK_DGRAM } = core.constants;
  const ebpf = probeEbpf(core);
  const tcp = once(() => probeClassic(core, SOCK_STREAM));
  const udp = once(() => probeClassic(core, SOCK_DGRAM));
  const steer = once(() => probeSteer(core));
  return {
    ebpf,
    classic: {
      get tcp() {
        return tcp();
      },
      get udp() {
        return udp();
      },
    },
    get steer() {
      return steer();
    },
  };
}

function once<T>(ask: () => T): () => T {
  let answer: T | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

/** Tries whether this process may load an eBPF socket filter. */
export function probeEbpf(core: CoreOps): ProbeResult {
  return answer(core.probeSocketFilter());
}

/** Tries whether this process may put a classic filter on a socket of a type: SOCK_STREAM or SOCK_DGRAM. */
export function probeClassic(core: CoreOps, type: number): ProbeResult {
  return onScratchSocket(core, type, (fd) =>
    core.attachClassic(fd, core.constants.SO_ATTACH_FILTER, RETURN_ZERO),
  );
}

/** Tries whether this process may give a reuseport group of TCP sockets a classic program. */
export function probeSteer(core: CoreOps): ProbeResult {
  const { SOCK_STREAM, SOL_SOCKET, SO_REUSEPORT, SO_ATTACH_REUSEPORT_CBPF } = core.constants;
  return onScratchSocket(core, SOCK_STREAM, (fd) => {
    const shared = core.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    return shared < 0 ? shared : core.attachClassic(fd, SO_ATTACH_REUSEPORT_CBPF, RETURN_ZERO);
  });
}

/**
 * Attaches a loaded program to a socket that is closed again: a socket is charged for the instructions of its filter.
 *
 * @throws AlfError ALF_VERIFIER if the kernel refuses
 */
export function tryAttach(core: CoreOps, programFd: number, name: string): void {
  const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOL_SOCKET, SO_ATTACH_BPF } = core.constants;
  const attempt = (fd: number) => core.setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, programFd);
  // A unit whose sockets are passed in may open no others than UNIX sockets.
  const tried = onScratchSocket(core, SOCK_DGRAM, attempt, [AF_UNIX, AF_INET, AF_INET6]);
  if (tried.works) return;
  throw new AlfError('ALF_VERIFIER', `unable to attach filter ${name}: ${tried.reason}`, {
    errno: tried.errno,
    ...(tried.errno === 'ENOMEM'
      ? { hint: 'give sockets more memory: sysctl -w net.core.optmem_max=131072' }
      : {}),
  });
}

/**
 * A socket without an address reaches nobody. All families behave alike; where there is no IPv4, IPv6 must do.
 *
 * @param families to try, in order
 */
function onScratchSocket(
  core: CoreOps,
  type: number,
  attempt: (fd: number) => Status,
  families: readonly number[] = [core.constants.AF_INET, core.constants.AF_INET6],
): ProbeResult {
  let fd: Status = -1;
  for (const family of families) if (fd < 0) fd = core.socket(family, type, 0);
  if (fd < 0) return answer(fd);
  const status = attempt(fd);
  core.close(fd);
  return answer(status);
}

function answer(status: Status): ProbeResult {
  if (status >= 0) return { works: true };
  // Described when somebody asks: for who is refused a tier and takes the next one, node would collect all errors it knows.
  const describe = once(() => describeErrno(-status));
  return {
    works: false,
    get errno() {
      return describe().name;
    },
    get reason() {
      return describe().text;
    },
  };
}
