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
  /** What is asked in place of an echo, and a part of the answer to it. */
  readonly exchange?: { readonly request: Uint8Array | string; readonly part: Uint8Array | string };
}

/** Long enough for a loaded machine to answer on a wire without delay, short enough to wait for when it must not. */
const TIMEOUT_MS = 600;

/**
 * Makes an attempt and says what came of it: `echo`, `answer` to an exchange, `timeout`, or an errno's name.
 *
 * @param where prefix of the command: the host to try from
 */
export async function attempt(where: readonly string[], what: Attempt): Promise<string> {
  const { protocol = 'tcp', from = 'any', fromPort = 0, to, port = 4242, timeoutMs = TIMEOUT_MS } = what;
  const { request, part } = what.exchange ?? {};
  const words = request === undefined || part === undefined ? [] : [hex(request), hex(part)];
  const args = [...[protocol, from, fromPort, to, port, timeoutMs].map(String), ...words];
  const { stdout, stderr } = await run([...where, fixture('client'), ...args]);
  return (stdout || stderr).trim();
}

const hex = (bytes: Uint8Array | string) => Buffer.from(bytes as string).toString('hex');
