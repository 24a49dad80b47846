import { extendedInsnsIn, uapi } from '../../bpf/cbpf/index.js';
import type { Finding, Unlock } from './diagnosis.js';

/** How many instructions of the kernel's own an IPv4 prefix takes on average, and how many prefixes fill a program. */
const INSNS_PER_PREFIX = 2;
const MAX_PREFIXES = 3300;

/** Room for the largest program there is. */
const SUGGESTED_OPTMEM_BYTES = 131_072;

/** The line that makes room. */
export const MORE_MEMORY: Unlock = {
  where: 'for larger programs',
  line: `sudo sysctl -w net.core.optmem_max=${SUGGESTED_OPTMEM_BYTES}`,
};

/** Says how large the programs of the tiers classic and steer can be here. */
export function describeCapacity(optmemMax: number | undefined): Pick<Finding, 'notes' | 'unlock'> {
  const most = `about ${MAX_PREFIXES} IPv4 prefixes (${uapi.BPF_MAXINSNS} instructions)`;
  if (optmemMax === undefined) {
    const unknown = 'net.core.optmem_max, which may allow less, cannot be read';
    return { notes: [`classic and steer take ${most}; ${unknown}`], unlock: [] };
  }
  const memory = `net.core.optmem_max is ${optmemMax}`;
  const prefixes = Math.floor(extendedInsnsIn(optmemMax) / INSNS_PER_PREFIX);
  if (prefixes >= MAX_PREFIXES) return { notes: [`${memory}: classic and steer take ${most}`], unlock: [] };
  const rounded = Math.floor(prefixes / 100) * 100;
  const room = rounded === 0 ? 'less than 100' : `about ${rounded}`;
  const less = `${room} IPv4 prefixes instead of ${MAX_PREFIXES}`;
  return { notes: [`${memory}: classic and steer take ${less}`], unlock: [MORE_MEMORY] };
}
