import type { BccOps, BpfOps, CoreOps, LaunchFailure, Ops } from '../../src/kernel/index.js';

const EIO = 5;

const CLOSING = ['close', 'launchClose', 'mapClose', 'objectClose'];

/** Real native calls, watched, one of which can be made to fail. */
export interface WatchedOps extends Ops {
  /** Names of the calls so far, in order. */
  readonly calls: readonly string[];
  /** How many listeners were handed over, if it came to that: the fake returns instead of becoming the target. */
  readonly handedOver: number | undefined;
  /** Process id of the companion, 0 if none was started. */
  readonly companion: number;
}

/**
 * Wraps native calls: records each, answers -EIO in place of the `failing`-th, and never really hands over.
 *
 * @param failing counts from 1; 0 lets all through
 */
export function watchOps(real: Ops, failing = 0): WatchedOps {
  const calls: string[] = [];
  let handedOver: number | undefined;
  let bound = 0;
  let companion = 0;
  const intercept = <T extends CoreOps | BpfOps | BccOps>(target: T): T =>
    new Proxy(target, {
      get: (object, name: string) => {
        const member: unknown = Reflect.get(object, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          calls.push(name);
          if (calls.length === failing) {
            // Whatever it answers, the descriptor is gone afterwards: close(2).
            if (CLOSING.includes(name)) member(...args);
            return answers(name);
          }
          if (name === 'launchHandover') {
            handedOver = bound;
            return undefined;
          }
          const result: unknown = member(...args);
          if (name === 'launchOpen') {
            const opened = result as ReturnType<CoreOps['launchOpen']>;
            bound = opened.bound.length;
            companion = opened.companion;
          }
          return result;
        };
      },
    });
  const core = intercept(real.core);
  return {
    core,
    bpf: () => intercept(real.bpf()),
    bcc: () => intercept(real.bcc()),
    calls,
    get handedOver() {
      return handedOver;
    },
    get companion() {
      return companion;
    },
  };
}

const failure = (step: string): LaunchFailure => ({ step, part: 0, listener: 0, index: 0, errno: EIO });

/** What a failing call returns, where that is not a status. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  groupsOf: [],
  launchOpen: { failure: failure('create'), bound: [], companion: 0 },
  launchSettle: { failure: failure('guard'), removed: [] },
  launchHandover: failure('handover'),
  pidfdId: 0n,
  probe: { ebpf: -EIO, classicTcp: -EIO, classicUdp: -EIO, steer: -EIO, ipv6: -EIO },
  probeInterception: { fetch: -EIO, notify: -EIO, create: -EIO },
  takeLog: '',
};

function answers(name: string): unknown {
  return name in ANSWERS ? ANSWERS[name] : -EIO;
}
