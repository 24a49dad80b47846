import { describe, expect, it } from 'vitest';
import { describeWith } from '../support/requires.js';
import { fixture, installed, run } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

/** More of what is random: ALF_ROUNDS=10000 npx vitest run test/integration/intercept-attacks.test.ts */
const ROUNDS = Number(process.env['ALF_ROUNDS'] ?? 300);

const WAYS = [
  { tier: 'ebpf', as: [] },
  { tier: 'classic', as: [] },
  { tier: 'steer', as: AS_NOBODY },
] as const;
type Way = (typeof WAYS)[number];

function launch({ tier, as }: Way, ...target: readonly string[]) {
  return run([...as, installed('alfwrapper'), '--tier', tier, '--allow', '127.0.0.1', '--', ...target], {
    cwd: '/',
  });
}

/** What comes of calls that could open a way around, as words of `forbidden`. */
const REFUSED = {
  'io-uring': 'ENOSYS',
  mptcp: 'EPROTONOSUPPORT',
  smc: 'EAFNOSUPPORT',
  sctp: 'EPROTONOSUPPORT',
  dccp: 'EPROTONOSUPPORT',
  'attach-reuseport': 'EPERM',
  'detach-reuseport': 'EPERM',
  detach: 'EPERM',
  'attach-ebpf': 'EPERM',
  unlock: 'EPERM',
  encap: 'EPERM',
  'second-listener': 'EBUSY',
} as const;

/** What a program may do with its listeners as without us. */
const ALLOWED = ['relisten', 'unbound', 'again', 'shutdown'];

const OTHER_NETWORK =
  '  hint: it is in another network namespace than alfwrapper: tiers ebpf and classic filter there\n';
const CLOSED =
  '  hint: the program is closed to others (PR_SET_DUMPABLE), or a security module forbids pidfd_getfd(2)\n';

describeWith(['root', 'bpf', 'userns'], 'a program that tries to get around its filter', () => {
  describe.each(WAYS)('on $tier', (way) => {
    it('is refused the calls for it, with errnos that programs know', async () => {
      const words = Object.keys(REFUSED);
      const { stdout } = await launch(way, fixture('forbidden'), ...words);
      const expected = Object.entries(REFUSED).map(([word, errno]) => `${word} ${errno}\n`);
      expect(stdout).toBe(expected.join(''));
    });

    it('may listen again, with a socket that was accepted, and without a bind', async () => {
      const { stdout, stderr } = await launch(way, fixture('forbidden'), ...ALLOWED);
      expect(stdout).toBe(ALLOWED.map((word) => `${word} ok\n`).join(''));
      expect(stderr).not.toContain('unable');
    });

    it.runIf(process.arch === 'x64')(
      'is killed by a call of another ABI, and refused those of x32',
      async () => {
        const { stdout, status, signal } = await launch(way, fixture('forbidden'), 'x32', 'i386');
        expect(stdout).toBe('x32 ENOSYS\n');
        expect([status, signal]).toEqual([null, 'SIGSYS']);
      },
    );

    it('does not listen in another network namespace without a filter', async () => {
      const { stdout, stderr } = await launch(way, fixture('forbidden'), 'network');
      if (way.tier === 'steer') {
        expect(stdout).toBe('network EPERM\n');
        expect(stderr).toMatch(/^alfwrapper: unable to filter tcp 127\.0\.0\.1:\d+ of forbidden\[\d+\]: /m);
        expect(stderr).toContain(OTHER_NETWORK);
      } else {
        expect(stdout).toBe('network ok\n');
      }
    });

    it('does not listen without a filter when it is closed to others', async () => {
      const { stdout, stderr } = await launch(way, fixture('forbidden'), 'closed');
      if (way.tier === 'steer') {
        expect(stdout).toBe('closed EPERM\n');
        expect(stderr).toMatch(/^alfwrapper: unable to read a socket of process \d+ \(pidfd_getfd\): /m);
        expect(stderr).toContain(CLOSED);
      } else {
        expect(stdout).toBe('closed ok\n');
      }
    });

    it('exchanges the socket during listen(2): each that listens is locked', async () => {
      const { stdout } = await launch(way, fixture('listen-race'), `${ROUNDS}`, '127.0.0.1', '20000');
      const [, listening, open] = /^done \d+ listening (\d+) open (\d+)$/m.exec(stdout) ?? [];
      expect(Number(listening)).toBeGreaterThan(ROUNDS / 2);
      expect(open).toBe('0');
    });

    it('listens from very many processes at once: each that listens is locked', async () => {
      const { stdout } = await launch(way, fixture('listen-storm'), `${ROUNDS}`, '10', '0');
      expect(stdout).toBe(`done ${ROUNDS * 10} 0 0\n`);
    });

    it('listens under a storm of signals', async () => {
      const { stdout } = await launch(way, fixture('listen-storm'), '2', '50', '1');
      expect(stdout).toBe('done 100 0 0\n');
    });
  });
});
