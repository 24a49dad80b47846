import { AlfError } from '../errors/index.js';
import type { SocketHandoff } from '../plan/index.js';
import type { LaunchOptions } from './given-options.js';
import { parseCount } from './option-values.js';

/** Options that say something about connections. */
const LIMITS = ['max-connections', 'max-per-source'] as const;

/** That of MaxConnections= in systemd.socket(5). */
const MAX_CONNECTIONS = 64;

/**
 * Reads how the program gets its sockets.
 *
 * @returns undefined if it gets those that listen
 * @throws AlfError ALF_USAGE for what does not go together
 */
export function parseSocketHandoff(options: LaunchOptions): SocketHandoff | undefined {
  const [accept, inetd] = [options.on('accept'), options.on('inetd')];
  const limit = LIMITS.find((name) => options.maybe(name) !== undefined);
  if (!accept && limit !== undefined) {
    throw new AlfError('ALF_USAGE', `option --${limit} needs --accept`, {
      hint: 'without it the program accepts connections itself',
    });
  }
  if (!accept && !inetd) return undefined;
  if (options.list('fdname').length > 0) {
    throw new AlfError(
      'ALF_USAGE',
      `options --${accept ? 'accept' : 'inetd'} and --fdname exclude each other`,
      {
        hint: 'a connection is always called "connection", standard input has no name',
      },
    );
  }
  if (!accept) return { pass: 'listener' };
  return {
    pass: inetd ? 'connection-stdio' : 'connection',
    maxConnections: count(options, 'max-connections') ?? MAX_CONNECTIONS,
    maxPerSource: count(options, 'max-per-source') ?? 0,
    quiet: options.on('quiet'),
  };
}

function count(options: LaunchOptions, name: (typeof LIMITS)[number]): number | undefined {
  const text = options.maybe(name);
  return text === undefined ? undefined : parseCount(text, name);
}
