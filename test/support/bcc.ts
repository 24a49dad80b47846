import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import type { compile } from '../../src/cli/library/bcc.js';
import { installed } from './run.js';

/** The library as a program has it that imports `alfwrapper/bcc`. */
export async function loadLibrary(): Promise<typeof import('../../src/cli/library/bcc.js')> {
  return import(installed('dist/bcc.mjs'));
}

/** A compiled module. */
export type Module = ReturnType<typeof compile>;

/** A socket of this process to which datagrams can be sent from here. */
export interface Receiver {
  readonly fd: number;
  send(text: string): Promise<void>;
  /** The next datagram that comes through. */
  next(): Promise<string>;
}

/** Opens a UDP socket on the loopback interface; it is closed when the test is over. */
export async function openReceiver(): Promise<Receiver> {
  const receiver = createSocket('udp4').bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const sender = createSocket('udp4');
  onTestFinished(() => {
    receiver.close();
    sender.close();
  });
  const received: string[] = [];
  receiver.on('message', (message) => received.push(message.toString()));
  return {
    fd: descriptorOf(receiver),
    send: (text) =>
      new Promise((resolve, reject) =>
        sender.send(text, receiver.address().port, '127.0.0.1', (error) =>
          error ? reject(error) : resolve(),
        ),
      ),
    next: async () => {
      if (received.length === 0) await once(receiver, 'message');
      return received.shift() ?? '';
    },
  };
}

/** The descriptor of a socket, which Node keeps under a symbol of its own. */
function descriptorOf(socket: Socket): number {
  const states = Object.getOwnPropertySymbols(socket).map((symbol) => Reflect.get(socket, symbol));
  const state = states.find((state) => typeof state?.handle?.fd === 'number');
  return state.handle.fd;
}
