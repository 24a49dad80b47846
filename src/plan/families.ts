import { formatListenAddress, type InternetSpec, isUnix, type ListenSpec, socketKind } from '../net/index.js';
import type { Capabilities } from './capabilities.js';
import type { Config } from './config.js';

/** What to listen on, on this machine. */
export interface UsableListeners {
  readonly listeners: readonly ListenSpec[];
  /** One line for each that is not what a machine with IPv6 would have. */
  readonly warnings: readonly string[];
}

/** `0.0.0.0` */
const ANY4 = { family: 4, bytes: [0, 0, 0, 0], zone: '' } as const;

/**
 * Settles the address of listeners for which none was written: `[::]`, which serves IPv4 as well, or `0.0.0.0` where the
 * kernel has no IPv6. An address that was written stays what it is.
 */
export function usableListeners(
  { implied, listeners: specs }: Config,
  { hasIpv6, inherited }: Capabilities,
): UsableListeners {
  const warnings: string[] = [];
  // The implied listener is for those who pass none in.
  const wanted = implied && inherited.length > 0 ? [] : specs;
  const listeners = wanted.map((spec) => {
    if (isUnix(spec) || spec.anyAddress !== true) return spec;
    const { anyAddress: _, ...dualStack } = spec;
    if (hasIpv6) return dualStack;
    const ipv4: InternetSpec = { ...dualStack, address: ANY4 };
    warnings.push(
      `${socketKind(spec)} ${formatListenAddress(ipv4)}: IPv4 only, because this kernel has no IPv6`,
    );
    return ipv4;
  });
  return { listeners, warnings };
}
