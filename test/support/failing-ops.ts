import type { BccOps, BpfOps, CoreOps, HandoverOptions, Ops } from '../../src/kernel/index.js';

const EIO = 5;

const CLOSING = ['close', 'mapClose', 'objectClose'];

/** Real native calls, watched, one of which can be made to fail. */
export interface WatchedOps extends Ops {
  /** Names of the calls so far, in order. */
  readonly calls: readonly string[];
  /** What was handed over, if it came to that: the fake comes back instead of becoming the target. */
  readonly handedOver: HandoverOptions | undefined;
}

/**
 * Wraps native calls: records each, answers -EIO in place of the `failing`-th, and never really hands over.
 *
 * @param failing counts from 1; 0 lets all through
 */
export function watchOps(real: Ops, failing = 0): WatchedOps {
  const calls: string[] = [];
  let handedOver: HandoverOptions | undefined;
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
          if (name !== 'handover') return member(...args);
          handedOver = args[0] as HandoverOptions;
          return 0;
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
  };
}

/** What a failing call gives: most answer with a status, some with what they found. */
function answers(name: string): number | bigint | string | readonly number[] {
  if (name === 'pidfdId') return 0n;
  if (name === 'groupsOf') return [];
  return name === 'takeLog' ? '' : -EIO;
}
