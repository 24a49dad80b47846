import { AlfError, quote } from '../errors/index.js';
import type { IdentityRequest } from '../plan/index.js';
import type { LaunchOptions } from './given-options.js';

/**
 * Reads the options that say who the program runs as, and where.
 *
 * @throws AlfError ALF_USAGE
 */
export function parseIdentity(options: LaunchOptions): IdentityRequest {
  const directory = options.maybe('chdir');
  const umask = options.maybe('umask');
  if (directory === '') throw new AlfError('ALF_USAGE', 'option --chdir needs the name of a directory');
  return {
    ...parseUser(options.maybe('user'), options.maybe('group')),
    ...(directory === undefined ? {} : { directory }),
    ...(umask === undefined ? {} : { umask: parseUmask(umask) }),
    ...(options.on('no-new-privs') ? { noNewPrivs: true } : {}),
    ...(options.on('drop-caps') ? { dropCapabilities: true } : {}),
  };
}

/** Neither names nor numbers hold a colon. */
function parseUser(
  text: string | undefined,
  group: string | undefined,
): Pick<IdentityRequest, 'user' | 'group'> {
  if (group === '') throw new AlfError('ALF_USAGE', 'option --group needs a name or a number');
  if (text === undefined) return group === undefined ? {} : { group };
  const [, user, own] = /^([^:]+)(?::([^:]+))?$/.exec(text) ?? [];
  if (user === undefined) {
    throw new AlfError('ALF_USAGE', `option --user does not take ${quote(text)}`, {
      hint: 'expected USER or USER:GROUP, names or numbers',
    });
  }
  if (own !== undefined && group !== undefined) {
    throw new AlfError('ALF_USAGE', `--user ${quote(text)} and --group ${quote(group)} both name a group`, {
      hint: 'leave one of them out',
    });
  }
  const named = own ?? group;
  return named === undefined ? { user } : { user, group: named };
}

function parseUmask(text: string): number {
  if (/^0?[0-7]{1,3}$/.test(text)) return Number.parseInt(text, 8);
  throw new AlfError('ALF_USAGE', `option --umask does not take ${quote(text)}`, {
    hint: 'expected an octal number from 0 to 777',
  });
}
