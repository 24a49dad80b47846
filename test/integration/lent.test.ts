import { expect, it } from 'vitest';
import { describeWith } from '../support/requires.js';
import { fixture, installed, run } from '../support/run.js';

const TIERS = ['ebpf', 'classic'] as const;
const LENT = ['tcp', 'udp', 'tcp6', 'unix-dgram'];
const UNTOUCHED = 'none open blocking';

/** Lends sockets to a launch. @returns its status, and a line for each socket afterwards */
async function lend(words: readonly string[], prefix: readonly string[] = []) {
  const launch = [...prefix, installed('alfwrapper'), '--allow', '127.0.0.1,::1', ...words];
  const { stdout, stderr } = await run([fixture('lend'), ...LENT, '--', ...launch]);
  const [status, ...sockets] = stdout.trimEnd().split('\n');
  return { status: Number(status), sockets, stderr };
}

describeWith(['root', 'bpf', 'strace'], 'sockets that were passed in', () => {
  it.each(TIERS)('are filtered and locked by a launch on tier %s', async (tier) => {
    const { status, sockets, stderr } = await lend(['--tier', tier, '--', 'true']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    // Rules by address allow no peer that has none: that socket has a classic program on either tier.
    expect(sockets).toEqual([...new Array(3).fill(`${tier} locked blocking`), 'classic locked blocking']);
  });

  it.each<[string, string[], number]>([
    ['another listener cannot be bound', ['--listen', '192.0.2.77:1', '--', 'true'], 125],
    ['the program is missing', ['--', 'no-such-program'], 127],
    ['the program cannot be executed by its user', ['--user', 'nobody', '--', '/root/program'], 126],
    ['the directory is missing', ['--chdir', '/no/such/directory', '--', 'true'], 125],
    ['the user is unknown', ['--user', 'no-such-user', '--', 'true'], 125],
  ])('are as they were if %s', async (_, words, expected) => {
    for (const tier of TIERS) {
      const { status, sockets } = await lend(['--tier', tier, ...words]);
      expect({ status, sockets }).toEqual({ status: expected, sockets: LENT.map(() => UNTOUCHED) });
    }
  });

  /** Makes calls fail. Only the thread that execs is traced; strace is its parent, so that LISTEN_PID is another. */
  const failing = (call: string, errno: string, when: string) => [
    ...['strace', '-qq', '-o', '/dev/null', '-e', `trace=${call}`],
    ...['-e', `inject=${call}:error=${errno}:when=${when}`, '-e', 'signal=none'],
    ...['sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh'],
  ];

  it.each([
    ['membarrier', 'EPERM', '1+', 'unable to wait for the filter of tcp 127.0.0.1:'],
    ['setresuid', 'EAGAIN', '1+', 'unable to set the user to 65534'],
    ['setgroups', 'EPERM', '1+', 'unable to set the supplementary groups to 65534'],
    ['recvfrom', 'EIO', '1+', 'unable to empty the queue of udp 127.0.0.1:'],
    ['close_range', 'ENOSYS', '1+', 'unable to hand over'],
  ])('are as they were if %s answers %s', async (call, errno, when, message) => {
    for (const tier of TIERS) {
      const words = ['--tier', tier, '--user', 'nobody', '--', 'true'];
      const { status, sockets, stderr } = await lend(words, failing(call, errno, when));
      expect(stderr).toContain(`alfwrapper: ${message}`);
      expect({ status, sockets }).toEqual({ status: 125, sockets: LENT.map(() => UNTOUCHED) });
    }
  });

  it.each<[(typeof TIERS)[number], number]>([
    // The tiers are tried by four calls, the filter by one.
    ['ebpf', 5],
    ['classic', 4],
  ])('are as they were if the first lock fails on tier %s', async (tier, probes) => {
    const words = ['--tier', tier, '--', 'true'];
    const first = String(probes + LENT.length + 1);
    expect(await lend(words, failing('setsockopt', 'EPERM', first))).toEqual({
      status: 125,
      sockets: LENT.map(() => UNTOUCHED),
      stderr:
        'alfwrapper: unable to lock the filter of a listener that was passed in: Operation not permitted\n' +
        '  hint: a seccomp filter of the container or the unit may forbid the call\n',
    });
  });

  it('stay filtered and locked if execve fails, the only call after the lock, which cannot be undone', async () => {
    for (const [lock, after] of [
      ['--no-lock', LENT.map(() => UNTOUCHED)],
      ['-q', [...new Array(3).fill('ebpf locked blocking'), 'classic locked blocking']],
    ] as const) {
      const { status, sockets } = await lend([lock, '--', 'true'], failing('execve', 'ENOMEM', '3'));
      expect({ status, sockets }).toEqual({ status: 126, sockets: after });
    }
  });
});
