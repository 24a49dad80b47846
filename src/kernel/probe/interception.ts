import { readFileSync } from 'node:fs';
import type { InterceptionAnswers } from '../../plan/index.js';
import type { CoreOps } from '../index.js';
import { resultOf } from './tiers.js';

/** Finds out whether the sockets that a target opens can be intercepted here, and which UDP ports are those of clients. */
export function askInterception(core: CoreOps): InterceptionAnswers {
  const { fetch, notify, create } = core.probeInterception();
  const [ptraceScope] = readNumbers('kernel/yama/ptrace_scope');
  return {
    fetch: resultOf(fetch),
    notify: resultOf(notify),
    create: fetch < 0 ? resultOf(create) : undefined,
    ptraceScope,
    localPorts: localPortsIn(readNumbers('net/ipv4/ip_local_port_range')),
  };
}

/** @returns undefined for anything but two ports */
function localPortsIn([first, last]: readonly number[]): InterceptionAnswers['localPorts'] {
  return first === undefined || last === undefined ? undefined : [first, last];
}

/** @returns none if it cannot be read */
function readNumbers(sysctl: string): number[] {
  try {
    return readFileSync(`/proc/sys/${sysctl}`, 'latin1').trim().split(/\s+/).map(Number);
  } catch {
    return [];
  }
}
