import { AlfError } from '../errors/index.js';
import type { UnixSpec } from '../net/index.js';
import { evaluateUnix } from '../policy/index.js';
import type { Capabilities } from './capabilities.js';
import { denyAll } from './classic.js';
import type { UnixListener } from './plan.js';
import { type FilterSource, refused } from './tiers.js';

/**
 * Picks how a filter is enforced on a UNIX socket, independent of the tier for the network.
 *
 * Rules give one verdict for all of its peers. Who is allowed needs no filter. Who is denied needs one that drops
 * everything, and the kernel runs filters on datagram sockets only: streams and packet streams never meet one, nor do
 * the sockets accepted from them inherit it.
 *
 * @throws AlfError ALF_TIER if nothing would be enforced
 * @see unix_dgram_sendmsg and unix_stream_connect, net/unix/af_unix.c
 */
export function chooseUnixTier(
  label: string,
  socket: UnixSpec,
  filter: FilterSource,
  capabilities: Capabilities,
): Pick<UnixListener, 'tier' | 'program'> {
  const verdict = filter.policy && evaluateUnix(filter.policy()).verdict;
  if (verdict === 'allow') return { tier: 'none' };
  if (socket.type !== 'datagram') throw notEnforceable(label, filter);
  if (verdict === 'deny') return { tier: 'classic', program: denyAll() };
  if (capabilities.tiers.ebpf.works) return { tier: 'ebpf' };
  throw refused(label, ['ebpf'], socket, capabilities);
}

function notEnforceable(label: string, filter: FilterSource): AlfError {
  const message = `unable to enforce filter ${filter.name} on ${label}: the kernel runs none on UNIX sockets with connections`;
  return new AlfError(
    'ALF_TIER',
    message,
    filter.policy === undefined
      ? { hint: 'give it a launch of its own, with rules' }
      : { remedy: { kind: 'rely on permissions' } },
  );
}
