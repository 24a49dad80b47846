import { AlfError } from '../errors/index.js';
import type { InterceptionRequest } from '../plan/index.js';
import type { LaunchOptions } from './given-options.js';
import { oneOf } from './option-values.js';
import { UNDECLARED_CHOICES } from './options.js';
import { SOCKET_OPTIONS } from './socket-option-table.js';

/** Options about sockets that alfwrapper opens. */
const OPENED_ONLY: readonly string[] = ['fdname', 'socket-mode', ...SOCKET_OPTIONS.map(({ name }) => name)];

/** Options about sockets that the program opens. */
const INTERCEPTED_ONLY: readonly string[] = ['undeclared', 'allow-new-privs'];

/** What options say of interception; the listeners that they declare are read elsewhere. */
type Interception = Omit<InterceptionRequest, 'declared'>;

/**
 * Reads how the sockets that the program opens itself are filtered.
 *
 * @param implied whether they are although no option says so
 * @returns undefined if they are not
 * @throws AlfError ALF_USAGE for options that do not apply
 */
export function parseInterception(options: LaunchOptions, implied: boolean): Interception | undefined {
  const asked = options.on('intercept');
  if (!asked && !implied) {
    const alone = findGiven(options, INTERCEPTED_ONLY);
    if (alone === undefined) return undefined;
    throw new AlfError('ALF_USAGE', `option --${alone} needs --intercept`, {
      hint: 'without it alfwrapper opens the listeners, and those that the program opens itself are not filtered',
    });
  }
  const opened = findGiven(options, OPENED_ONLY);
  if (opened !== undefined) {
    throw asked
      ? exclude('intercept', opened, 'with --intercept the program opens its sockets itself')
      : new AlfError('ALF_USAGE', `option --${opened} needs --listen`, {
          hint: 'without a listener the program opens its sockets itself (--intercept)',
        });
  }
  const newPrivileges = options.on('allow-new-privs');
  if (newPrivileges && options.on('no-new-privs')) throw exclude('allow-new-privs', 'no-new-privs');
  return {
    implied: !asked,
    undeclared: oneOf('undeclared', options.text('undeclared'), UNDECLARED_CHOICES),
    newPrivileges,
    verbose: options.on('verbose'),
  };
}

function findGiven({ given }: LaunchOptions, names: readonly string[]): string | undefined {
  return given.find(({ option }) => names.includes(option.name))?.option.name;
}

function exclude(one: string, other: string, hint?: string): AlfError {
  return new AlfError(
    'ALF_USAGE',
    `options --${one} and --${other} exclude each other`,
    hint === undefined ? {} : { hint },
  );
}
