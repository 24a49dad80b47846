import { connect } from 'node:net';
import { vi } from 'vitest';
import { fixture, installed, type Running, start } from './run.js';

/** Starts alfwrapper with a program per connection, and waits until it listens. */
export async function acceptWith(
  where: readonly string[],
  options: readonly string[],
  program: readonly string[],
): Promise<Running> {
  const running = start([...where, installed('alfwrapper'), '-v', '--accept', ...options, '--', ...program]);
  // The last line of a launch.
  await running.until(/ are not filtered\n/);
  return running;
}

/** Connects on this machine and reads to the end. @param to a port on 127.0.0.1, or the name of a UNIX socket */
export function readFrom(to: number | string): Promise<string> {
  const attempt = () =>
    new Promise<string>((resolve, reject) => {
      const socket = typeof to === 'number' ? connect(to, '127.0.0.1') : connect(to);
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      socket.once('end', () => resolve(text));
      socket.once('error', reject);
    });
  // It says that it listens a little before it accepts.
  return vi.waitFor(attempt, { timeout: 5000 });
}

/** How many connections from a source were served, and how many were not. */
export type Outcome = Readonly<Record<string, number>>;

/** Connects and keeps the connections that were served for as long as the test runs, or until it is killed. */
export async function hold(
  where: readonly string[],
  host: string,
  port: number,
  sources: readonly string[],
): Promise<{ readonly holder: Running; readonly outcomes: readonly Outcome[] }> {
  const holder = start([...where, 'node', fixture('hold.mjs'), host, String(port), ...sources]);
  const [line] = await holder.until(/^.*\n/);
  return { holder, outcomes: JSON.parse(line) as Outcome[] };
}
