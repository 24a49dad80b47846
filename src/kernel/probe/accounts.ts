import type { Capabilities } from '../../plan/index.js';
import { type CoreOps, check, type Status } from '../index.js';

/**
 * Looks users and groups up, in whatever the name service switch is set up to ask.
 *
 * @throws AlfError ALF_IDENTITY, from its functions, if that cannot be asked
 */
export function lookUpAccounts(core: CoreOps): Capabilities['accounts'] {
  return {
    user: (user) => found(core.user(user), `look up user ${user}`),
    group: (group) => found(core.group(group), `look up group ${group}`)?.gid,
    groupsOf: (user, gid) => core.groupsOf(user, gid),
  };
}

function found<T extends object>(answer: T | Status, what: string): T | undefined {
  if (typeof answer === 'object') return answer;
  check(answer, 'ALF_IDENTITY', what, { '*': 'see nsswitch.conf(5)' });
  return undefined;
}
