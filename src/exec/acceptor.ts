import type { SocketHandoff } from '../plan/index.js';
import { resolveProgram } from './resolve.js';
import type { Target } from './target.js';

/** What the acceptor calls the ways to pass a socket on. */
const MODES: Readonly<Record<SocketHandoff['pass'], string>> = {
  connection: 'accept',
  'connection-stdio': 'stdio',
  listener: 'listener',
};

/**
 * Runs a target by the acceptor: it takes the sockets that listen, as any daemon would, and runs the target.
 *
 * @param acceptor path of its executable
 * @throws AlfError ALF_NOT_FOUND or ALF_NOT_EXECUTABLE if this user cannot run it
 */
export function throughAcceptor(target: Target, passing: SocketHandoff, acceptor: string): Target {
  const { maxConnections, maxPerSource, quiet } =
    passing.pass === 'listener' ? { maxConnections: 0, maxPerSource: 0, quiet: true } : passing;
  const words = [
    'alf-acceptor',
    MODES[passing.pass],
    String(maxConnections),
    String(maxPerSource),
    quiet ? 'quiet' : 'verbose',
  ];
  return {
    ...target,
    path: resolveProgram(Buffer.from(acceptor), undefined),
    argv: [...words.map((word) => Buffer.from(word)), target.path, ...target.argv],
  };
}
