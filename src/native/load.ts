import { createRequire } from 'node:module';
import { AlfError } from '../errors/index.js';
import type { BccOps, BpfOps, CoreOps, Ops } from './ops.js';

const NOT_BUILT = 'run scripts/setup.sh';

/** It is built only where libbcc is. */
const NO_BCC =
  "filters in BCC's dialect need libbcc; install it (Debian and Ubuntu: libbpfcc-dev, Fedora: bcc-devel, Arch: bcc), then run scripts/setup.sh";

/**
 * Loads the addons of a build: the core one at once, libbpf's and libbcc's when they are first asked for.
 *
 * @param root the package's directory, absolute
 * @throws AlfError ALF_NATIVE if an addon is absent (errno ENOENT) or cannot be linked (its library is not installed)
 */
export function loadOps(root: string): Ops {
  const require = createRequire(`${root}/package.json`);
  let bpf: BpfOps | undefined;
  let bcc: BccOps | undefined;
  return {
    core: load<CoreOps>(require, `${root}/build/native/alf.node`, NOT_BUILT),
    bpf: () => {
      bpf ??= load<BpfOps>(require, `${root}/build/native/alf_bpf.node`, 'install libbpf (Debian: libbpf1)');
      return bpf;
    },
    bcc: () => {
      const hint = 'install libbcc (Debian and Ubuntu: libbpfcc, Fedora and Arch: bcc)';
      bcc ??= load<BccOps>(require, `${root}/build/native/alf_bcc.node`, hint, NO_BCC);
      return bcc;
    },
  };
}

/** @param absentHint what to do if there is no such file */
function load<T>(require: NodeJS.Require, file: string, hint: string, absentHint = NOT_BUILT): T {
  try {
    return require(file) as T;
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    const [reason, more] = absent
      ? ['no such file', { errno: 'ENOENT', hint: absentHint }]
      : [firstLine(error), { hint }];
    throw new AlfError('ALF_NATIVE', `unable to load ${file}: ${reason}`, more);
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
