import { createRequire } from 'node:module';
import { AlfError } from '../errors/index.js';
import type { BpfOps, CoreOps, Ops } from './ops.js';

/**
 * Loads the addons of a build: the core one at once, libbpf's when it is first asked for.
 *
 * @param root the package's directory, absolute
 * @throws AlfError ALF_NATIVE if an addon is absent or cannot be linked (libbpf is not installed)
 */
export function loadOps(root: string): Ops {
  const require = createRequire(`${root}/package.json`);
  let bpf: BpfOps | undefined;
  return {
    core: load<CoreOps>(require, `${root}/build/native/alf.node`, 'run scripts/setup.sh'),
    bpf: () => {
      bpf ??= load<BpfOps>(require, `${root}/build/native/alf_bpf.node`, 'install libbpf (Debian: libbpf1)');
      return bpf;
    },
  };
}

function load<T>(require: NodeJS.Require, file: string, hint: string): T {
  try {
    return require(file) as T;
  } catch (error) {
    throw new AlfError('ALF_NATIVE', `unable to load ${file}: ${firstLine(error)}`, { hint });
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
