const ORDINARY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

/** An ordinary user who is lent capabilities, as a unit of systemd lends them. */
function lent(...capabilities: readonly string[]): string[] {
  const list = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
  return [...ORDINARY, '--inh-caps', list, '--ambient-caps', list];
}

/** Who runs something: what its command line has in front. */
export const IDENTITIES = {
  root: [],
  nobody: [...ORDINARY, '--bounding-set', '-all', '--inh-caps', '-all'],
  'CAP_BPF alone': lent('bpf'),
  'CAP_BPF and CAP_PERFMON': lent('bpf', 'perfmon'),
} as const satisfies Record<string, readonly string[]>;

/** The name of one of them. */
export type Identity = keyof typeof IDENTITIES;
