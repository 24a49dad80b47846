import { type Capabilities, type IdentityRequest, parseId } from '../../plan/index.js';
import { type CoreOps, check, type Status } from '../index.js';

/**
 * Looks up the user and the group of a request, by the name service switch.
 *
 * @throws AlfError ALF_IDENTITY if that cannot be asked
 */
export function lookUpAccounts(core: CoreOps, request: IdentityRequest): Capabilities['accounts'] {
  const user = request.user === undefined ? undefined : findUser(core, request.user);
  const group = request.group === undefined ? undefined : findGroup(core, request.group);
  const gid = group ?? user?.gid;
  const groups = user?.name === undefined || gid === undefined ? [] : core.groupsOf(user.name, gid);
  return { user, group, groups };
}

function findUser(core: CoreOps, user: string) {
  return found(core.user(parseId(user, 'user') ?? user), `look up user ${user}`);
}

function findGroup(core: CoreOps, group: string): number | undefined {
  return parseId(group, 'group') ?? found(core.group(group), `look up group ${group}`)?.gid;
}

function found<T extends object>(answer: T | Status, what: string): T | undefined {
  if (typeof answer === 'object') return answer;
  check(answer, 'ALF_IDENTITY', what, { '*': 'see nsswitch.conf(5)' });
  return undefined;
}
