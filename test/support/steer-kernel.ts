import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { cleanEnvironment, fixture } from './run.js';

/** A SYN and the device it comes in on. */
export interface Syn {
  readonly device: 0 | 1;
  readonly bytes: Uint8Array;
}

/** What became of a burst of SYNs. */
export interface Burst {
  /** A letter a SYN: `A` for one that was answered with a SYN-ACK, `-` for one that was not. */
  readonly answers: string;
  /** How many SYNs the kernel dropped at a listening socket. */
  readonly dropped: number;
}

/** A network namespace with two devices behind which all of 10.0.0.0/9 and 2001:db8::/33 seems to be. */
export class SynSender {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  /** Indexes of the devices syn0 and syn1. */
  readonly ifindexes: readonly [number, number];

  private constructor(child: ChildProcess, reader: Interface, lines: AsyncIterator<string>, ready: string) {
    this.#child = child;
    this.#reader = reader;
    this.#lines = lines;
    const [, first, second] = ready.split(' ').map(Number);
    this.ifindexes = [first ?? 0, second ?? 0];
  }

  static async create(): Promise<SynSender> {
    const child = spawn(fixture('syn'), { env: cleanEnvironment(), stdio: ['pipe', 'pipe', 'inherit'] });
    const reader = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    return new SynSender(child, reader, lines, await nextLine(lines));
  }

  /** Prefix of a command that runs in the namespace. */
  get inside(): readonly string[] {
    return ['nsenter', '-t', String(this.#child.pid), '-n'];
  }

  /** Sends them one after the other. No two may have the same addresses and ports. */
  async send(burst: readonly Syn[]): Promise<Burst> {
    const records = burst.flatMap(({ device, bytes }) => [words(device, bytes.length), bytes]);
    this.#child.stdin?.write(Buffer.concat([words(burst.length), ...records]));
    const [answers = '', dropped = ''] = (await nextLine(this.#lines)).split(' ');
    return { answers, dropped: Number(dropped) };
  }

  close(): void {
    this.#reader.close();
    this.#child.kill('SIGKILL');
  }
}

async function nextLine(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next();
  if (done) throw new Error('the fixture syn has ended');
  return value;
}

function words(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}
