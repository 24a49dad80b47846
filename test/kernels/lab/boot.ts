import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Accelerator } from './accelerator.js';
import { unpackKernel } from './image.js';
import type { Kernel } from './kernel.js';

/** A guest that is to be booted. */
export interface Boot {
  readonly kernel: Pick<Kernel, 'image' | 'modules'>;
  /** Archives of files: the root, and what this guest has beside it. */
  readonly archives: readonly Uint8Array[];
  readonly accelerator: Accelerator;
  /** The guest is killed after this. */
  readonly timeoutMs: number;
  /** Told every line the guest writes to its console. */
  readonly line?: (line: string) => void;
}

/** How a guest came to its end. */
export interface End {
  readonly lines: readonly string[];
  /** Undefined if it powered itself off; else what happened. */
  readonly failure?: string;
}

const MACHINE =
  '-M q35 -smp 1 -m 1280 -nic none -nodefaults -no-user-config -no-reboot -display none -serial stdio';

/** Instructions a second of a guest's clock under the translator. */
export const CLOCK_RATE = 500_000_000;

/**
 * The translator counts instructions: 2^shift ns each, independent of the machine's load; sleep=off skips times in which
 * the guest waits. What a guest measures is the same each time.
 *
 * The translator of one CPU is used: with several, a guest can panic as it boots (a breakpoint that its kernel patches
 * in is met by another CPU). Mitigations stay on, because the verifier depends on them.
 */
const ACCELERATION: Readonly<Record<Accelerator, string>> = {
  tcg: '-icount shift=1,sleep=off -accel tcg,tb-size=512 -cpu qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+rdrand',
  kvm: '-accel kvm -cpu host',
};

const COMMAND_LINE =
  'console=ttyS0 quiet panic=-1 nokaslr random.trust_cpu=on tsc=reliable no_timer_check cryptomgr.notests norandmaps';

/** Boots a guest and waits for its end. Nothing is left of it. */
export async function boot({ kernel, archives, accelerator, timeoutMs, line }: Boot): Promise<End> {
  const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-guest-'));
  try {
    const initrd = join(directory, 'initrd');
    writeFileSync(initrd, Buffer.concat([...archives, readFileSync(kernel.modules)]));
    const unpacked = join(directory, 'vmlinux');
    writeFileSync(unpacked, unpackKernel(readFileSync(kernel.image)));
    const words = [MACHINE, ACCELERATION[accelerator], '-kernel', unpacked, '-initrd', initrd];
    const args = [...words.join(' ').split(' '), '-append', COMMAND_LINE];
    return await watch('qemu-system-x86_64', args, timeoutMs, line);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function watch(
  command: string,
  args: string[],
  timeoutMs: number,
  line?: (line: string) => void,
): Promise<End> {
  const guest = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => void guest.kill('SIGKILL');
  const timer = setTimeout(kill, timeoutMs);
  process.once('exit', kill);
  const lines: string[] = [];
  let complaint = '';
  guest.stderr.setEncoding('utf8').on('data', (text) => (complaint += text));
  const take = (text: string) => {
    lines.push(text.replaceAll('\r', ''));
    line?.(lines.at(-1) ?? '');
  };
  const read = once(createInterface(guest.stdout).on('line', take), 'close');
  const [status, signal] = await once(guest, 'close').finally(() => {
    clearTimeout(timer);
    process.off('exit', kill);
  });
  await read;
  if (signal === 'SIGKILL')
    return { lines, failure: `no end within ${timeoutMs / 1000} s; last line: ${lines.at(-1)}` };
  if (status !== 0) return { lines, failure: `${command} ended with ${status}: ${complaint.trim()}` };
  return { lines };
}
