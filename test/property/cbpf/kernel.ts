import { spawnSync } from 'node:child_process';
import { assemble, type Mode, type Program } from '../../../src/bpf/cbpf/index.js';
import { fixture } from '../../support/run.js';

/** A program, and packets to judge it by. */
export interface Job {
  readonly mode: Mode;
  /** 6 or 17. */
  readonly protocol: number;
  readonly program: Program;
  /** The destination ports of the packets. */
  readonly ports: readonly number[];
  readonly packets: readonly { readonly device: number; readonly bytes: Uint8Array }[];
}

/** What the kernel made of a job. */
export interface Answer {
  /** 0 if the program was attached. */
  readonly errno: number;
  /** What the socket was charged; 0 in reuseport mode. */
  readonly bytes: number;
  /** A letter a packet: Allowed, Denied, or Lost before a program saw it. */
  readonly verdicts: string;
}

/** The kernel as an oracle: real sockets in a network namespace of their own. */
export class KernelOracle {
  /** The indexes of the two interfaces that packets come in on. */
  ifindexes(): readonly [number, number] {
    const [first = 0, second = 0] = new Uint32Array(this.#output(new Uint8Array(0)).slice(0, 8).buffer);
    return [first, second];
  }

  ask(jobs: readonly Job[]): Answer[] {
    const output = this.#output(Buffer.concat(jobs.map(encodeJob)));
    let at = 8;
    return jobs.map(({ packets }) => {
      const words = new Uint32Array(output.slice(at, at + 8).buffer);
      const verdicts = new TextDecoder().decode(output.subarray(at + 8, at + 8 + packets.length));
      at += 8 + packets.length;
      return { errno: words[0] ?? -1, bytes: words[1] ?? 0, verdicts };
    });
  }

  #output(input: Uint8Array): Uint8Array {
    const { status, stdout, stderr } = spawnSync(fixture('cbpf-kernel'), { input, maxBuffer: 2 ** 28 });
    if (status !== 0) throw new Error(`cbpf-kernel: ${status} ${stderr}`);
    return Uint8Array.from(stdout);
  }
}

function encodeJob({ mode, protocol, program, ports, packets }: Job): Uint8Array {
  const head = [mode === 'socket' ? 0 : 1, protocol, program.length, ports.length, packets.length];
  const parts = packets.flatMap(({ device, bytes }) => [words([device, bytes.length]), bytes]);
  return Buffer.concat([words(head), assemble(program), words(ports), ...parts]);
}

function words(values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}
