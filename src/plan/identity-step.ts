/** One step on the way from who we are to who the program is. */
export type IdentityStep =
  | { readonly step: 'setgroups'; readonly groups: readonly number[] }
  | { readonly step: 'setgid'; readonly gid: number }
  /** Numbers of all capabilities that are still in the bounding set. */
  | { readonly step: 'dropBounding'; readonly capabilities: readonly number[] }
  | { readonly step: 'setuid'; readonly uid: number }
  /** Empties the effective, permitted and inheritable set, and with them the ambient one. */
  | { readonly step: 'dropCapabilities' }
  | { readonly step: 'umask'; readonly mask: number }
  | { readonly step: 'chdir'; readonly directory: string }
  | { readonly step: 'noNewPrivs' };

/** Who the program is going to be. */
export interface PlannedIdentity {
  /** In the order they are taken. */
  readonly steps: readonly IdentityStep[];
  /** Variables that follow the user; those without a value are removed. Absent if the user stays. */
  readonly variables?: Readonly<Record<(typeof USER_VARIABLES)[number], string | null>>;
}

/** What names a user in an environment. @see systemd.exec(5) */
export const USER_VARIABLES = ['HOME', 'LOGNAME', 'SHELL', 'USER'] as const;

/** A step in words, to follow "unable to". */
export function describeStep(step: IdentityStep): string {
  switch (step.step) {
    case 'setgroups':
      return step.groups.length === 0
        ? 'leave all groups'
        : `set the supplementary groups to ${step.groups.join(', ')}`;
    case 'setgid':
      return `set the group to ${step.gid}`;
    case 'dropBounding':
      return 'empty the bounding set of capabilities';
    case 'setuid':
      return `set the user to ${step.uid}`;
    case 'dropCapabilities':
      return 'drop all capabilities';
    case 'umask':
      return `set the umask to ${step.mask.toString(8).padStart(4, '0')}`;
    case 'chdir':
      return `change to ${step.directory}`;
    case 'noNewPrivs':
      return 'set no_new_privs';
  }
}
