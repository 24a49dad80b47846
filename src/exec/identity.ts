import { type CoreOps, check, type Hints, type Status } from '../kernel/index.js';
import { describeStep, type IdentityStep, type PlannedIdentity, USER_VARIABLES } from '../plan/index.js';
import { withoutVariables } from './environment.js';

/**
 * Becomes who the target is going to be, on the thread that will exec. There is no way back from that, only the end.
 *
 * @throws AlfError ALF_IDENTITY
 * @see credentials(7), capabilities(7)
 */
export function changeIdentity(core: CoreOps, { steps }: PlannedIdentity): void {
  for (const step of steps) {
    const what = describeStep(step);
    for (const status of take(core, step)) check(status, 'ALF_IDENTITY', what, HINTS[step.step]);
  }
}

/**
 * The environment of another user: HOME, LOGNAME, SHELL and USER are that user's, or gone where there is no entry to
 * tell them.
 */
export function identityEnvironment(
  environment: readonly Uint8Array[],
  { variables }: PlannedIdentity,
): Uint8Array[] {
  if (variables === undefined) return [...environment];
  const own = USER_VARIABLES.flatMap((name) => {
    const value = variables[name];
    return value === null ? [] : [Buffer.from(`${name}=${value}`)];
  });
  return [...withoutVariables(environment, USER_VARIABLES), ...own];
}

function* take(core: CoreOps, step: IdentityStep): Generator<Status> {
  switch (step.step) {
    case 'setgroups':
      return yield core.setgroups(step.groups);
    case 'setgid':
      return yield core.setgid(step.gid);
    case 'dropBounding':
      for (const capability of step.capabilities) yield core.dropBounding(capability);
      return;
    case 'setuid':
      return yield core.setuid(step.uid);
    case 'dropCapabilities':
      return yield core.capset(0n, 0n, 0n);
    case 'umask':
      return yield core.umask(step.mask);
    case 'chdir':
      return yield core.chdir(step.directory);
    case 'noNewPrivs':
      return yield core.noNewPrivs();
  }
}

const UNMAPPED = { EINVAL: 'this user namespace has no such id; see user_namespaces(7)' };

const HINTS: Readonly<Record<IdentityStep['step'], Hints>> = {
  setgroups: { ...UNMAPPED, EPERM: 'it needs CAP_SETGID, and a user namespace that allows setgroups(2)' },
  setgid: UNMAPPED,
  setuid: UNMAPPED,
  chdir: { EACCES: 'the user the program runs as must be allowed to go there' },
  dropBounding: {},
  dropCapabilities: {},
  umask: {},
  noNewPrivs: {},
};
