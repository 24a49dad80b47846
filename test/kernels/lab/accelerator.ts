import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { boot } from './boot.js';
import { cacheDirectory, readJson, writeJson } from './cache.js';
import { makeCpio } from './cpio.js';
import type { Kernel } from './kernel.js';
import { findProgram } from './root.js';

/** What runs a guest's instructions: the CPU itself, or qemu's translator. */
export type Accelerator = 'kvm' | 'tcg';

/** What was found out, which holds until the machine is booted again. */
interface Found {
  readonly bootId: string;
  readonly accelerator: Accelerator;
}

/** The translator takes half of that; where KVM is broken a guest hangs before its kernel begins. */
const PROBE_MS = 8000;

const INIT = '#!/bin/busybox sh\n/bin/busybox poweroff -f\n';

/**
 * Finds out whether guests can use KVM: by booting one, because there are machines that have it and on which it hangs.
 *
 * @param kernel any
 */
export async function findAccelerator(kernel: Kernel): Promise<Accelerator> {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  const file = join(cacheDirectory(), 'accelerator.json');
  const known = readJson<Found>(file);
  if (known?.bootId === bootId) return known.accelerator;
  const accelerator = isUsable('/dev/kvm') && (await boots(kernel)) ? 'kvm' : 'tcg';
  writeJson(file, { bootId, accelerator } satisfies Found);
  return accelerator;
}

async function boots(kernel: Kernel): Promise<boolean> {
  const busybox = { path: '/bin/busybox', from: findProgram('busybox'), mode: 0o755 };
  const archives = [makeCpio([busybox, { path: '/init', data: INIT, mode: 0o755 }])];
  const { failure } = await boot({ kernel, archives, accelerator: 'kvm', timeoutMs: PROBE_MS });
  return failure === undefined;
}

function isUsable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
