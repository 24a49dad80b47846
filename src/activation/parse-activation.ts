import { AlfError, quote } from '../errors/index.js';

/** The process for which sockets may have been passed in. */
export interface Self {
  readonly pid: number;
  /** Returns the inode of its pidfd, 0 without one. Called only if LISTEN_PIDFDID is set. */
  readonly pidfdId: () => bigint;
}

/** The name of an unnamed socket in sd_listen_fds_with_names(3). */
const UNNAMED = 'unknown';

/**
 * Reads which sockets were passed in by socket activation: the names of those at descriptors 3, 4, …, in order.
 *
 * Variables for another process are ignored, and give no sockets.
 *
 * @param variable the value of an environment variable, undefined if it is not set
 * @throws AlfError ALF_STATE if they contradict each other
 * @see sd_listen_fds(3)
 */
export function parseActivation(variable: (name: string) => string | undefined, self: Self): string[] {
  const pid = variable('LISTEN_PID');
  if (pid === undefined || wholeNumber('LISTEN_PID', pid) !== self.pid) return [];
  const pidfdId = variable('LISTEN_PIDFDID');
  if (pidfdId !== undefined && !isOwnPidfd(pidfdId, self.pidfdId())) return [];
  const count = wholeNumber('LISTEN_FDS', variable('LISTEN_FDS') ?? '0');
  if (count > MAX_SOCKETS) {
    throw new AlfError(
      'ALF_STATE',
      `LISTEN_FDS is ${count}: at most ${MAX_SOCKETS} sockets can be passed in`,
      {
        hint: HINT,
      },
    );
  }
  const names = variable('LISTEN_FDNAMES')?.split(':');
  if (names === undefined || count === 0) return new Array(count).fill(UNNAMED);
  if (names.length === count) return names;
  throw new AlfError(
    'ALF_STATE',
    `LISTEN_FDNAMES has ${names.length} names for the ${count} sockets of LISTEN_FDS`,
    { hint: HINT },
  );
}

/** The default limit on descriptors of a process. */
const MAX_SOCKETS = 1024;

const HINT = 'the caller of alfwrapper must set it as sd_listen_fds(3) describes';

/** Before Linux 6.9 there is no such inode, and only the process id is compared. */
function isOwnPidfd(text: string, own: bigint): boolean {
  return own === 0n || (/^\d{1,20}$/.test(text) && BigInt(text) === own);
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new AlfError('ALF_STATE', `${name} is not a number: ${quote(text)}`, { hint: HINT });
}
