import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { expectSame } from './check.js';

/** An attempt to be served. */
export interface Visit {
  readonly protocol: 'tcp' | 'udp';
  readonly from: string;
  readonly fromPort?: number;
  readonly to: string;
}

const MESSAGE = 'alfwrapper';

/** Under emulation an answer can take seconds while other programs start. */
const SERVED_MS = 15_000;

/** A denied attempt takes this long; a wrong answer comes sooner. */
const SILENT_MS = 2000;

/** Makes all attempts at once: exactly the first list is served, the others hear nothing at all. */
export async function expectServed(
  port: number,
  served: readonly Visit[],
  denied: readonly Visit[],
): Promise<string> {
  const attempts = [
    ...served.map((visit) => ({ visit, wanted: 'served', timeoutMs: SERVED_MS })),
    ...denied.map((visit) => ({ visit, wanted: 'silent', timeoutMs: SILENT_MS })),
  ];
  const results = attempts.map(
    async ({ visit, timeoutMs }) => `${describe(visit)} ${await attempt(visit, port, timeoutMs)}`,
  );
  expectSame(
    await Promise.all(results),
    attempts.map(({ visit, wanted }) => `${describe(visit)} ${wanted}`),
  );
  return `${served.length} served, ${denied.length} silent`;
}

function describe({ protocol, from, fromPort, to }: Visit): string {
  return `${protocol} ${from}${fromPort ? ` port ${fromPort}` : ''} → ${to}`;
}

/** @returns "served", "silent", or the name of the error */
export function attempt({ protocol, ...visit }: Visit, port: number, timeoutMs: number): Promise<string> {
  return protocol === 'tcp' ? attemptTcp(visit, port, timeoutMs) : attemptUdp(visit, port, timeoutMs);
}

function attemptTcp(
  { from, fromPort, to }: Omit<Visit, 'protocol'>,
  port: number,
  timeoutMs: number,
): Promise<string> {
  return new Promise((resolve) => {
    const local = { localAddress: from, ...(fromPort && { localPort: fromPort }) };
    const socket = connect({ host: to, port, ...local }, () => socket.write(MESSAGE));
    const finish = (result: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(finish, timeoutMs, 'silent');
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
    socket.once('end', () => finish('closed'));
    socket.once('data', (data) => finish(String(data) === MESSAGE ? 'served' : `answered ${data}`));
  });
}

function attemptUdp(
  { from, fromPort, to }: Omit<Visit, 'protocol'>,
  port: number,
  timeoutMs: number,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket(to.includes(':') ? 'udp6' : 'udp4');
    const finish = (result: string) => {
      clearTimeout(timer);
      socket.close();
      resolve(result);
    };
    const timer = setTimeout(finish, timeoutMs, 'silent');
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
    socket.once('message', (data) => finish(String(data) === MESSAGE ? 'served' : `answered ${data}`));
    socket.bind(fromPort ?? 0, from, () => socket.connect(port, to, () => socket.send(MESSAGE)));
  });
}
