import { describe, expect, it } from 'vitest';
import { formatExecCommand, parseExecLine } from '../../../src/unit/index.js';

const BEFORE = ['/opt/alfwrapper/alfwrapper', '--allow', 'private', '--'];
const WRAPPER = BEFORE.join(' ');

const wrap = (line: string) => parseExecLine(line).map((command) => formatExecCommand(command, BEFORE));

describe('a command of ExecStart=', () => {
  it.each([
    ['/usr/sbin/nginx', [`${WRAPPER} /usr/sbin/nginx`]],
    [
      "/usr/sbin/nginx -g 'daemon on; master_process on;'",
      [`${WRAPPER} /usr/sbin/nginx -g 'daemon on; master_process on;'`],
    ],
    ['/usr/sbin/sshd -D $SSHD_OPTS', [`${WRAPPER} /usr/sbin/sshd -D $SSHD_OPTS`]],
    ['-/usr/bin/pg_ctlcluster %i start', [`-${WRAPPER} /usr/bin/pg_ctlcluster %i start`]],
    ['+/bin/a', [`+${WRAPPER} /bin/a`]],
    ['!!/bin/a', [`!!${WRAPPER} /bin/a`]],
    ['-+/bin/a b', [`-+${WRAPPER} /bin/a b`]],
    ['|/bin/a b', [`|${WRAPPER} /bin/a b`]],
    ['@/bin/a a b', [`${WRAPPER} /bin/a b`]],
    ['-@/bin/a a', [`-${WRAPPER} /bin/a`]],
    [':/bin/a $b', [`:${WRAPPER} /bin/a $b`]],
    ['/bin/$a', [`${WRAPPER} /bin/$$a`]],
    [':/bin/$a', [`:${WRAPPER} /bin/$a`]],
    ['"/opt/a b/c" "d e"', [`${WRAPPER} "/opt/a b/c" "d e"`]],
    ['"-/opt/a b/%i" d', [`-${WRAPPER} "/opt/a b/%i" d`]],
    ['/bin/a\\x20b c', [`${WRAPPER} /bin/a\\x20b c`]],
    ['/bin/a   b\t c', [`${WRAPPER} /bin/a b\t c`]],
    ['/bin/a ; /bin/b c', [`${WRAPPER} /bin/a`, `${WRAPPER} /bin/b c`]],
    ['/bin/a ;', [`${WRAPPER} /bin/a`]],
    ['/bin/a \\; b', [`${WRAPPER} /bin/a \\; b`]],
    ['/bin/a ";" b', [`${WRAPPER} /bin/a ";" b`]],
    ['/bin/a;b', [`${WRAPPER} /bin/a;b`]],
    ['a', [`${WRAPPER} a`]],
  ])('is kept as it is written: %s', (line, expected) => {
    expect(wrap(line)).toEqual(expected);
  });

  it.each([
    [['/a', '100%'], '/a 100%% /bin/a', ':/a 100%% /bin/a'],
    [['/a', '$b'], '/a $$b /bin/a', ':/a $b /bin/a'],
    [['/a b/c', ''], '"/a b/c" "" /bin/a', ':"/a b/c" "" /bin/a'],
    [['/a', "allow from 10.0.0.0/8 # it's \\"], '/a "allow from 10.0.0.0/8 # it\'s \\\\" /bin/a', undefined],
    [['/a', 'b\n\t"'], '/a "b\\x0a\\x09\\"" /bin/a', undefined],
    [['/a', ';'], '/a ";" /bin/a', undefined],
  ])('follows words that systemd passes on unchanged: %j', (before, expanding, literal) => {
    const format = (line: string) => parseExecLine(line).map((command) => formatExecCommand(command, before));
    expect(format('/bin/a')).toEqual([expanding]);
    if (literal !== undefined) expect(format(':/bin/a')).toEqual([literal]);
  });

  it.each([
    ['/bin/a "b', 'quote " of "\\"b" has no end'],
    ["/bin/a b'c", 'quote \' of "b\'c" has no end'],
    ['-', 'command - has no program'],
    ['@/bin/a', 'command @/bin/a has no argv[0] after the prefix @'],
  ])('is rejected: %s', (line, message) => {
    expect(() => parseExecLine(line)).toThrow(message);
  });
});
