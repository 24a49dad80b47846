/** Where a kernel comes from: the newest version that starts so, of one flavour, in one of the suites. */
export interface Source {
  readonly suites: readonly string[];
  /** What its version starts with. */
  readonly version: string;
  readonly flavour: 'cloud' | 'rt';
}

const DEBIAN_13 = ['trixie', 'trixie-security'];

/** Every kernel of the matrix, from the oldest. */
export const SOURCES = {
  '5.10': { suites: ['bullseye-security'], version: '5.10.', flavour: 'cloud' },
  '6.1': { suites: ['bookworm', 'bookworm-security'], version: '6.1.', flavour: 'cloud' },
  '6.12': { suites: DEBIAN_13, version: '6.12.', flavour: 'cloud' },
  '6.12-rt': { suites: DEBIAN_13, version: '6.12.', flavour: 'rt' },
  '6.18': { suites: ['trixie-backports'], version: '6.18.', flavour: 'cloud' },
  '6.19': { suites: ['trixie-backports'], version: '6.19.', flavour: 'cloud' },
  sid: { suites: ['sid'], version: '', flavour: 'cloud' },
  backports: { suites: ['trixie-backports'], version: '', flavour: 'cloud' },
} as const satisfies Record<string, Source>;

/** A kernel of the matrix. */
export type KernelName = keyof typeof SOURCES;

/** Every name, from the oldest kernel. */
export const KERNELS = Object.keys(SOURCES) as KernelName[];

/** Those that the tests of every change boot: what Debian 12 and 13 run, and the newest. */
export const SHORT_KERNELS: readonly KernelName[] = ['6.1', '6.12', '6.12-rt', '6.19', 'backports'];
