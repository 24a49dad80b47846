import type { ErrorCode } from '../errors/index.js';
import type { Constants, Hints } from '../kernel/index.js';
import { type Credentials, describeStep, type IdentityStep, type Plan } from '../plan/index.js';

/** The runtime's changes of a process, by their numbers. @see enum alf_operation, native/runtime/alf_runtime.h */
const OPERATIONS = [
  'setGroups',
  'setGid',
  'setUid',
  'lowerAmbient',
  'dropBounding',
  'setCapabilities',
  'setUmask',
  'changeDirectory',
  'noNewPrivs',
] as const;

/** One system call that changes this process before the handover, and how its failure is worded. */
export interface Change {
  readonly operation: (typeof OPERATIONS)[number];
  /** At most three numbers. */
  readonly numbers: readonly bigint[];
  readonly data?: Uint8Array;
  readonly code: ErrorCode;
  /** To follow "unable to". */
  readonly what: string;
  readonly hints: Hints;
}

/** The number of a change. */
export function operationNumber({ operation }: Change): number {
  return OPERATIONS.indexOf(operation);
}

/**
 * The changes of a plan in their order: those to another identity, then the capabilities that are dropped.
 *
 * @param credentials of this process before them
 */
export function changesOf(
  { identity, drop }: Plan,
  constants: Constants,
  credentials: Credentials,
): readonly Change[] {
  return [...(identity?.steps ?? []).flatMap(identityChanges), ...dropChanges(drop, constants, credentials)];
}

function identityChanges(step: IdentityStep): Change[] {
  const words = { code: 'ALF_IDENTITY', what: describeStep(step), hints: HINTS[step.step] ?? {} } as const;
  return operationsOf(step).map((operation) => ({ ...operation, ...words }));
}

type Operation = Pick<Change, 'operation' | 'numbers' | 'data'>;

function operationsOf(step: IdentityStep): Operation[] {
  switch (step.step) {
    case 'setgroups':
      return [
        {
          operation: 'setGroups',
          numbers: [],
          data: new Uint8Array(Uint32Array.from(step.groups).buffer),
        },
      ];
    case 'setgid':
      return [{ operation: 'setGid', numbers: [BigInt(step.gid)] }];
    case 'dropBounding':
      return step.capabilities.map((number) => ({ operation: 'dropBounding', numbers: [BigInt(number)] }));
    case 'setuid':
      return [{ operation: 'setUid', numbers: [BigInt(step.uid)] }];
    case 'dropCapabilities':
      return [{ operation: 'setCapabilities', numbers: [0n, 0n, 0n] }];
    case 'umask':
      return [{ operation: 'setUmask', numbers: [BigInt(step.mask)] }];
    case 'chdir':
      return [{ operation: 'changeDirectory', numbers: [], data: Buffer.from(`${step.directory}\0`) }];
    case 'noNewPrivs':
      return [{ operation: 'noNewPrivs', numbers: [] }];
  }
}

const UNMAPPED = { EINVAL: 'this user namespace has no such id; see user_namespaces(7)' };

const HINTS: Readonly<Partial<Record<IdentityStep['step'], Hints>>> = {
  setgroups: { ...UNMAPPED, EPERM: 'it needs CAP_SETGID, and a user namespace that allows setgroups(2)' },
  setgid: UNMAPPED,
  setuid: UNMAPPED,
  chdir: { EACCES: 'the user the program runs as must be allowed to go there' },
};

/**
 * Drops capabilities from the ambient, bounding, inheritable, permitted and effective set, in that order: the bounding set
 * can only be lowered while CAP_SETPCAP is still there.
 */
function dropChanges(
  { capabilities, bounding }: Plan['drop'],
  constants: Constants,
  { effective, permitted, inheritable }: Credentials,
): Change[] {
  if (capabilities.length === 0) return [];
  const common = { code: 'ALF_CAPABILITY', hints: {} } as const;
  const lowered = capabilities.flatMap((name): Change[] => {
    const numbers = [BigInt(constants[name])];
    const ambient = {
      operation: 'lowerAmbient',
      numbers,
      what: `take ${name} out of the ambient set`,
    } as const;
    const bound = {
      operation: 'dropBounding',
      numbers,
      what: `take ${name} out of the bounding set`,
    } as const;
    return [{ ...common, ...ambient }, ...(bounding ? [{ ...common, ...bound }] : [])];
  });
  const kept = ~capabilities.reduce((mask, name) => mask | (1n << BigInt(constants[name])), 0n);
  return [
    ...lowered,
    {
      ...common,
      operation: 'setCapabilities',
      numbers: [effective & kept, permitted & kept, inheritable & kept],
      what: `drop ${capabilities.join(', ')}`,
    },
  ];
}
