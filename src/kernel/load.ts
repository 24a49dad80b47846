import { existsSync } from 'node:fs';
import { AlfError } from '../errors/index.js';
import type { BccOps, BpfOps, CoreOps, Ops } from './ops.js';

const NOT_BUILT = 'run scripts/setup.sh';

/** It is built only where libbcc is. */
const NO_BCC =
  "filters in BCC's dialect need libbcc; install it (Debian and Ubuntu: libbpfcc-dev, Fedora: bcc-devel, Arch: bcc), then run scripts/setup.sh";

/** Links an addon and lets it fill a module, as `process.dlopen`: `require` would look around for it, and be loaded. */
export type LoadAddon = (module: { exports: unknown }, file: string) => void;

/**
 * Loads the addons of a build: the core one at once, libbpf's and libbcc's when they are first asked for.
 *
 * @param root the package's directory, absolute
 * @param loadAddon `process.dlopen`
 * @throws AlfError ALF_NATIVE if an addon is absent (errno ENOENT) or cannot be linked (its library is not installed)
 */
export function loadOps(root: string, loadAddon: LoadAddon): Ops {
  let bpf: BpfOps | undefined;
  let bcc: BccOps | undefined;
  return {
    core: load<CoreOps>(loadAddon, `${root}/build/native/alf.node`, NOT_BUILT),
    bpf: () => {
      bpf ??= load<BpfOps>(
        loadAddon,
        `${root}/build/native/alf_bpf.node`,
        'install libbpf (Debian: libbpf1)',
      );
      return bpf;
    },
    bcc: () => {
      const hint = 'install libbcc (Debian and Ubuntu: libbpfcc, Fedora and Arch: bcc)';
      bcc ??= load<BccOps>(loadAddon, `${root}/build/native/alf_bcc.node`, hint, NO_BCC);
      return bcc;
    },
  };
}

/** @param absentHint what to do if there is no such file */
function load<T>(loadAddon: LoadAddon, file: string, hint: string, absentHint = NOT_BUILT): T {
  try {
    const module = { exports: {} };
    loadAddon(module, file);
    return module.exports as T;
  } catch (error) {
    const [reason, more] = existsSync(file)
      ? [firstLine(error), { hint }]
      : ['no such file', { errno: 'ENOENT', hint: absentHint }];
    throw new AlfError('ALF_NATIVE', `unable to load ${file}: ${reason}`, more);
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
