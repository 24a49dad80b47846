import { AlfError, quote } from '../errors/index.js';
import type { Account, Capabilities, CapabilityName } from './capabilities.js';
import type { IdentityRequest } from './config.js';
import type { IdentityStep, PlannedIdentity } from './identity-step.js';
import { inEffect } from './privileges.js';

/** (uid_t)-1 stands for "unchanged" in system calls, so it is not an id. */
const LARGEST_ID = 0xfffffffe;
const ROOT = 0;

/**
 * Decides the steps to another identity. Their order is the only one that works: groups while we may still set them,
 * the bounding set while we have CAP_SETPCAP, the user, then what is left of capabilities; mask and directory last,
 * because it is the new user who must be allowed to go there.
 *
 * @returns undefined if nothing was asked for
 * @throws AlfError ALF_IDENTITY for a user or group that does not exist, or a capability that is missing
 */
export function planIdentity(
  request: IdentityRequest,
  capabilities: Capabilities,
): PlannedIdentity | undefined {
  const account = request.user === undefined ? undefined : findAccount(request.user, capabilities);
  const group = request.group === undefined ? undefined : findGroup(request.group, capabilities);
  const ids = planIds(account, group, request.user, capabilities);
  const steps = [
    ...ids.groups,
    ...planBounding(request, account, capabilities),
    ...ids.user,
    ...(dropsAll(request, account) ? [{ step: 'dropCapabilities' } as const] : []),
    ...(request.umask === undefined ? [] : [{ step: 'umask', mask: request.umask } as const]),
    ...(request.directory === undefined ? [] : [{ step: 'chdir', directory: request.directory } as const]),
    ...(request.noNewPrivs ? [{ step: 'noNewPrivs' } as const] : []),
  ];
  if (steps.length === 0) return undefined;
  return account === undefined ? { steps } : { steps, variables: variablesOf(account) };
}

function planIds(
  account: Account | undefined,
  group: number | undefined,
  user: string | undefined,
  capabilities: Capabilities,
): { readonly groups: readonly IdentityStep[]; readonly user: readonly IdentityStep[] } {
  const gid = group ?? account?.gid;
  if (gid === undefined) {
    if (account === undefined) return { groups: [], user: [] };
    throw new AlfError('ALF_IDENTITY', `user ${account.uid} has no entry, so it has no group either`, {
      remedy: { kind: 'name group', user: user ?? '' },
    });
  }
  need('CAP_SETGID', 'set the group', capabilities);
  if (account !== undefined) need('CAP_SETUID', 'set the user', capabilities);
  // No group of the present user may be left.
  const groups = account?.name === undefined ? [] : capabilities.accounts.groups;
  return {
    groups: [
      { step: 'setgroups', groups },
      { step: 'setgid', gid },
    ],
    user: account === undefined ? [] : [{ step: 'setuid', uid: account.uid }],
  };
}

/** A user other than root keeps none, lent ones included; root keeps its own unless told otherwise. */
function dropsAll(request: IdentityRequest, account: Account | undefined): boolean {
  return request.dropCapabilities === true || (account !== undefined && account.uid !== ROOT);
}

/** What stays in the bounding set can come back by way of a file: for `--drop-caps` that is not good enough. */
function planBounding(
  request: IdentityRequest,
  account: Account | undefined,
  capabilities: Capabilities,
): IdentityStep[] {
  const bounding = numbersIn(capabilities.credentials.bounding);
  if (!dropsAll(request, account) || bounding.length === 0) return [];
  if (inEffect('CAP_SETPCAP', capabilities)) return [{ step: 'dropBounding', capabilities: bounding }];
  if (!request.dropCapabilities) return [];
  throw new AlfError(
    'ALF_IDENTITY',
    'unable to drop all capabilities: the bounding set can only be lowered with CAP_SETPCAP',
    {
      errno: 'EPERM',
      remedy: { kind: 'no new privileges' },
    },
  );
}

function need(name: CapabilityName, what: string, capabilities: Capabilities): void {
  if (inEffect(name, capabilities)) return;
  throw new AlfError('ALF_IDENTITY', `unable to ${what}: it needs ${name}`, {
    errno: 'EPERM',
    remedy: { kind: 'same user' },
  });
}

function numbersIn(set: bigint): number[] {
  const numbers = Array.from({ length: 64 }, (_, number) => number);
  return numbers.filter((number) => ((set >> BigInt(number)) & 1n) === 1n);
}

/** Digits are a number, which need not have an entry; anything else is a name. */
function findAccount(user: string, { accounts }: Capabilities): Account {
  const uid = parseId(user, 'user');
  const account = accounts.user;
  if (account !== undefined) return account;
  if (uid !== undefined) return { uid };
  throw new AlfError('ALF_IDENTITY', `no such user: ${quote(user)}`, {
    hint: 'see: getent passwd; a number needs no entry',
  });
}

function findGroup(group: string, { accounts }: Capabilities): number {
  const gid = parseId(group, 'group') ?? accounts.group;
  if (gid !== undefined) return gid;
  throw new AlfError('ALF_IDENTITY', `no such group: ${quote(group)}`, {
    hint: 'see: getent group; a number needs no entry',
  });
}

/**
 * A user or group that is given by its number.
 *
 * @returns undefined for a name
 * @throws AlfError ALF_IDENTITY for a number that is out of range
 */
export function parseId(text: string, what: 'user' | 'group'): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const id = Number(text);
  if (id <= LARGEST_ID) return id;
  throw new AlfError('ALF_IDENTITY', `${what} ${text} is out of range`, {
    hint: `the largest is ${LARGEST_ID}`,
  });
}

function variablesOf({ name, home, shell }: Account): Required<PlannedIdentity>['variables'] {
  return { HOME: home ?? null, LOGNAME: name ?? null, SHELL: shell ?? null, USER: name ?? null };
}
