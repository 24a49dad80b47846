import { connect } from 'node:net';
import { expect, it, vi } from 'vitest';
import { describeWith } from '../support/requires.js';
import { installed, start } from '../support/run.js';
import { fixedPort } from '../support/steer.js';

const CLOSED = ['<&-', '>&-', '2>&-', '<&- >&-', '<&- 2>&-', '>&- 2>&-', '<&- >&- 2>&-'];

/** Starts alfwrapper with standard descriptors closed. @returns the port */
async function serve(closed: string, ...words: string[]): Promise<number> {
  const port = await fixedPort();
  const listen = [installed('alfwrapper'), '--listen', `127.0.0.1:${port}`, '--allow', 'localhost'];
  start(['sh', '-c', `exec "$@" ${closed}`, 'sh', ...listen, ...words]);
  return port;
}

/** Connects, sends, and gives all that came back until the end, a reset, or as much as is wanted. */
function exchange(port: number, send: string, wanted = Number.POSITIVE_INFINITY) {
  const attempt = () =>
    new Promise<{ text: string; end: () => void }>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      const done = () => resolve({ text, end: () => void socket.destroy() });
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        if (text.length >= wanted) done();
      });
      socket.once('close', done);
      socket.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') reject(error);
        else done();
      });
      socket.write(send);
    });
  return vi.waitFor(attempt, { timeout: 5000 });
}

describeWith(
  ['root', 'bpf'],
  'a program for each connection, started with closed standard descriptors',
  () => {
    it.each(CLOSED)(
      '%s: has the connection as its input and output, and the peer gets nothing else',
      async (closed) => {
        const port = await serve(closed, '--max-connections', '1', '--accept', '--inetd', '--', 'cat');
        const first = await exchange(port, 'hello', 5);
        expect(first.text).toBe('hello');
        // A refused one is told of on standard error, which is not the connection either.
        expect((await exchange(port, 'hello')).text).toBe('');
        first.end();
      },
    );

    it.each(CLOSED)('%s: finds them closed where the connection is not one of them', async (closed) => {
      const look = 'for fd in 0 1 2; do [ -e /proc/$$/fd/$fd ] || echo $fd >&3; done';
      const port = await serve(closed, '--accept', '--', 'sh', '-c', look);
      const numbers = [
        ['<', '0'],
        ['2>', '2'],
        [' >', '1'],
      ].filter(([sign = '']) => ` ${closed}`.includes(`${sign}&-`));
      const expected = numbers.map(([, fd]) => fd).sort();
      expect((await exchange(port, '')).text.split('\n').filter((line) => line !== '')).toEqual(expected);
    });
  },
);
