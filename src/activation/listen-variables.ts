/** The description of the sockets that the target gets. */
export interface Activation {
  /** The target's process id, which is that of this process. */
  readonly pid: number;
  /** Names of the sockets in fd order from 3. None contains a colon. */
  readonly fdnames: readonly string[];
  /** Inode of the pidfd, 0 without one. */
  readonly pidfdId: bigint;
}

/** The variables of the protocol. Inherited ones must not reach the target. */
export const LISTEN_VARIABLES: readonly string[] = [
  'LISTEN_PID',
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
  'LISTEN_PIDFDID',
];

/**
 * The environment variables of socket activation, as `NAME=value`. None if no socket is passed.
 *
 * LISTEN_PIDFDID distinguishes a process from a later one with the same number. It is omitted where the kernel has no
 * such id (before Linux 6.9).
 *
 * @see sd_listen_fds(3)
 */
export function formatActivation(activation: Activation): string[] {
  if (activation.fdnames.length === 0) return [];
  const variables = [
    `LISTEN_PID=${activation.pid}`,
    `LISTEN_FDS=${activation.fdnames.length}`,
    `LISTEN_FDNAMES=${activation.fdnames.join(':')}`,
  ];
  if (activation.pidfdId !== 0n) variables.push(`LISTEN_PIDFDID=${activation.pidfdId}`);
  return variables;
}
