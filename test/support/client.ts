import { fixture, run } from './run.js';

/** One attempt to be served. */
export interface Attempt {
  /** `knock` connects and gives up. */
  readonly protocol?: 'tcp' | 'udp' | 'knock';
  /** Source address; any if left out. */
  readonly from?: string;
  readonly fromPort?: number;
  readonly to: string;
  readonly port?: number;
  /** How long an answer may take. A denied attempt takes this long. */
  readonly timeoutMs?: number;
}

/** Long enough for a loaded machine to answer on a wire without delay, short enough to wait for when it must not. */
const TIMEOUT_MS = 600;

/**
 * Makes an attempt and says what came of it: `echo`, `timeout`, or an errno's name.
 *
 * @param where prefix of the command: the host to try from
 */
export async function attempt(where: readonly string[], what: Attempt): Promise<string> {
  const { protocol = 'tcp', from = 'any', fromPort = 0, to, port = 4242, timeoutMs = TIMEOUT_MS } = what;
  const args = [protocol, from, fromPort, to, port, timeoutMs].map(String);
  const { stdout, stderr } = await run([...where, fixture('client'), ...args]);
  return (stdout || stderr).trim();
}
