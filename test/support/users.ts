/**
 * Prefix of a command: an ordinary user with every capability set empty, so that nothing can come back by an exec. An
 * ordinary user who runs the tests is that user.
 */
export const AS_NOBODY: readonly string[] =
  process.getuid?.() === 0
    ? 'setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps -all --bounding-set -all'.split(' ')
    : [];

/** Runs a command as an ordinary user who has some capabilities, `+bpf`, and can get no others. */
export const asNobodyWith = (...capabilities: readonly string[]): readonly string[] => [
  ...'setpriv --reuid 65534 --regid 65534 --clear-groups'.split(' '),
  ...['--inh-caps', '--ambient-caps', '--bounding-set'].flatMap((set) => [
    set,
    ['-all', ...capabilities].join(','),
  ]),
];
