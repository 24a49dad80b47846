/** Prefix of a command: an ordinary user with every capability set empty, so that nothing can come back by an exec. */
export const AS_NOBODY: readonly string[] =
  'setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps -all --bounding-set -all'.split(' ');
