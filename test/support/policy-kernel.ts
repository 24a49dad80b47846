import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Image } from '../../src/compile/table/index.js';
import { fixture, installed } from './run.js';
import { asNobodyWith } from './users.js';

/** One policy and the packets to judge by it. */
export interface KernelCase {
  readonly image: Image;
  /** Number of rules, as many counters are read. */
  readonly rules: number;
  readonly packets: readonly { readonly ifindex: number; readonly bytes: Uint8Array }[];
}

/** The shipped filter that judges by rules, in the program that runs it. Cases go through a directory that `close` removes. */
export class PolicyKernel {
  readonly #directory = mkdtempSync(join(tmpdir(), 'alf-policy-'));
  readonly #object = installed('build/ebpf/policy.bpf.o');
  readonly #runner = fixture('policy-run');
  readonly #program: string;

  /** @param program one of the object's */
  constructor(program: string) {
    this.#program = program;
  }

  close(): void {
    rmSync(this.#directory, { recursive: true });
  }

  /** Loads the filter as a user who has CAP_BPF and nothing else. @throws when the kernel refuses */
  loadWithBpfOnly(): void {
    const [setpriv = '', ...args] = asNobodyWith('+bpf');
    execFileSync(setpriv, [...args, this.#runner, this.#object, this.#program], { stdio: 'pipe' });
  }

  /**
   * Judges all packets, in order.
   *
   * @returns a line for each: the verdict, and the index of the rule or -1
   */
  judge(cases: readonly KernelCase[], how: 'tun' | 'direct'): string[] {
    const file = join(this.#directory, `${how}.cases`);
    writeFileSync(file, Buffer.concat(cases.flatMap(encodeCase)));
    const output = execFileSync(this.#runner, [this.#object, this.#program, file, how], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    return output.trimEnd().split('\n');
  }
}

function encodeCase({ image, rules, packets }: KernelCase): Uint8Array[] {
  const pages = Array.from({ length: image.pages }, (_, i) => image.page(i));
  const records = packets.map(({ ifindex, bytes }) => {
    const record = new Uint8Array(128);
    new Uint32Array(record.buffer, 0, 2).set([ifindex, bytes.length]);
    record.set(bytes, 8);
    return record;
  });
  const sizes = Uint32Array.of(pages.length, rules, packets.length);
  return [new Uint8Array(sizes.buffer), ...pages, ...records];
}
