import { type CoreOps, check } from '../kernel/index.js';
import type { SteeredListener } from './steer.js';

/**
 * Starts the process that holds the sinks, so that a target that closes every descriptor it does not know keeps its
 * filter. It exits with the target, and no child of this process is left.
 *
 * If it ends before the target, the kernel kills the target: a group without its sink would let everybody in.
 *
 * @param program path of the companion's executable
 * @param steered at least one; the companion has descriptors of its own for their sinks when this returns
 * @param uid the user the target is going to be, undefined if it stays who we are
 * @returns its process id
 * @throws AlfError ALF_KEEPER
 */
export function startCompanion(
  core: CoreOps,
  program: string,
  steered: readonly SteeredListener[],
  uid: number | undefined,
): number {
  const groups = steered.map(({ listener, sink, peer }) => ({
    listener: listener.fd,
    sink: sink.fd,
    peer: peer?.fd ?? -1,
  }));
  return check(
    core.startCompanion(Buffer.from(program), groups, uid ?? -1),
    'ALF_KEEPER',
    `start ${program}`,
    {
      ENOENT: 'run scripts/setup.sh',
      EACCES: 'is it executable, and on a file system that allows that?',
      EAGAIN: 'the limit on processes is reached; see: ulimit -u',
    },
  );
}
