import type { Resources } from '../launch/index.js';
import { protocols } from '../net/index.js';
import { evaluate, interfaceNames, type Policy } from '../policy/index.js';

/**
 * Asks rules about a connection that has been made. The interface it came in on is unknown, so they have to allow it on
 * each of those they name, and on any other.
 *
 * @returns undefined without rules
 */
export function connectionTest(policy: Policy | undefined): Resources['isAllowed'] {
  if (policy === undefined) return undefined;
  const ifnames = ['', ...interfaceNames(policy)];
  return ({ from, to }) =>
    ifnames.every((ifname) => {
      const packet = {
        family: from.address.family,
        source: from.address.bytes,
        destination: to.address.bytes,
        protocol: protocols.tcp,
        sourcePort: from.port,
        destinationPort: to.port,
        ifname,
      };
      return evaluate(policy, packet).verdict === 'allow';
    });
}
