import { expect, it } from 'vitest';
import { describeWith } from '../support/requires.js';
import { installed, run } from '../support/run.js';
import { AS_NOBODY, asNobodyWith } from '../support/users.js';

const USER_NAMESPACE = [
  'setpriv',
  '--reuid',
  '65534',
  '--regid',
  '65534',
  '--clear-groups',
  'unshare',
  '-Urn',
];

/** The parts behind the plan. */
async function explain(as: readonly string[], ...argv: string[]) {
  const { status, stdout, stderr } = await run([...as, installed('alfwrapper'), 'explain', ...argv]);
  const [plan = '', ...parts] = stdout.trimEnd().split('\n\n');
  return { status, stderr, plan, parts };
}

const EPERM = '  which does not work here: operation not permitted (EPERM)';
const STEER = '  ret #0 is the sink, which drops; any other number is a listener';

const GUARD = 'the program runs under this filter of system calls';

/** Rules without a listener are for the sockets that the program opens. */
const PORT = ['--port', '4242'];

/** Explains a rule on tier steer and looks at every line of the listing. */
async function expectListing(as: readonly string[]): Promise<void> {
  const { status, parts } = await explain(as, ...PORT, '--tier', 'steer', '--deny', '10.0.0.0/8');
  expect(status).toBe(0);
  const [title, note, size, ...listing] = parts[0]?.split('\n') ?? [];
  expect([title, note]).toEqual(['tcp [::]:4242: tier steer', STEER]);
  expect(size).toMatch(/^; \d+ of 4096 instructions, \d+ bytes of socket option memory$/);
  expect(listing.join('\n')).toMatch(/jeq #0xa000000, L\d+, L\d+ +; 10\.0\.0\.0\/8\n/);
  expect(listing.slice(-2).map((line) => line.replace(/^L\d+: /, ''))).toEqual([
    expect.stringMatching(/^ret #0 +; deny$/),
    expect.stringMatching(/^ret #1 +; allow$/),
  ]);
}

describeWith(['root', 'bpf'], 'explain', () => {
  it('prints what --dry-run prints first', async () => {
    const launch = ['--port', '8080', '--allow', '127.0.0.1', '--', 'true', '--flag'];
    const dry = await run([installed('alfwrapper'), '--dry-run', ...launch]);
    const { status, stderr, plan } = await explain([], ...launch);
    expect({ status, stderr, plan: `${plan}\n` }).toEqual({ status: 0, stderr: '', plan: dry.stdout });
  });

  it('needs no program, and does not look for the one it is given', async () => {
    expect((await explain([], '--allow', '::1')).plan).not.toMatch(/^become/m);
    expect((await explain([], 'whitelist-private', './nowhere', '--help')).plan).toMatch(
      /\nbecome \.\/nowhere --help$/,
    );
  });

  it.each([
    ['root', []],
    ['an ordinary user', AS_NOBODY],
  ])('lists the program of a tier, as %s', (_, as) => expectListing(as));

  it('names listeners with the same program together', async () => {
    const listen = ['--listen', '80', '--listen', 'udp:80', '--listen', '[::1]:81'];
    const { parts } = await explain(AS_NOBODY, ...listen, '--allow', 'private');
    expect(parts.map((part) => part.split('\n', 1)[0])).toEqual([
      'tcp [::]:80, tcp [::1]:81: tier steer',
      'udp [::]:80: tier classic',
      GUARD,
    ]);
  });

  it('lists the programs of sockets that the program opens, and that of its system calls', async () => {
    const { status, plan, parts } = await explain(AS_NOBODY, '--allow', 'private');
    expect(status).toBe(0);
    expect(plan).toMatch(/^intercept the sockets that the program opens \(seccomp\)$/m);
    const [tcp = '', udp = '', guard = ''] = parts;
    expect(parts.map((part) => part.split('\n', 1)[0])).toEqual([
      'TCP sockets of the program: tier steer',
      'UDP sockets of the program: tier classic',
      GUARD,
    ]);
    expect(tcp).toMatch(/ld rand .*\n +mod #1 .*\n +add #1 .*\n +ret a +; allow$/);
    expect(udp).toMatch(/ret #0xffffffff +; allow$/);
    expect(guard).toMatch(/; suspend until the companion answers\n/);
  });

  it.each([
    ['classic', 'tcp [::]:4242: tier classic\n'],
    ['ebpf', 'tcp [::]:4242: tier ebpf\n'],
  ])('explains tier %s also where it does not work, and says so', async (tier, title) => {
    const { status, parts } = await explain(AS_NOBODY, ...PORT, '--tier', tier, '--allow', '::1');
    expect(status).toBe(0);
    expect(parts[0]?.startsWith(title)).toBe(true);
    if (tier === 'ebpf') expect(parts[0]?.split('\n')[1]).toBe(EPERM);
  });

  it('explains rules on tier ebpf in order, with what they count', async () => {
    const rules = ['--deny', '10.0.0.1', '--rule', 'allow proto tcp from private to ::1 port 80'];
    // With CAP_PERFMON it would be another function, whoever runs this.
    const { parts } = await explain(asNobodyWith('+bpf'), ...PORT, ...rules);
    expect(parts[0]).toBe(`tcp [::]:4242: tier ebpf
  filter policy, function filter
  rules, the first that matches decides:
     1  deny from 10.0.0.1 (--deny): from 1 IPv4 range, 0 IPv6 ranges
     2  allow proto tcp from private to ::1 port 80 (--rule): from 4 IPv4 ranges, 2 IPv6 ranges; to 0 IPv4 ranges, 1 IPv6 range
        default deny
  laid out in 1 × 256 KiB`);
  });

  it('explains a filter with maps, and what it stands for', async () => {
    const { parts } = await explain([], '--set', 'allow4,0,10.0.0.0/8', 'whitelist');
    expect(parts[0]).toMatch(
      /^tcp \[::\]:4242: tier ebpf\n {2}filter whitelist, function filter\n {2}map allow4: .*, 1 of \d+ entries set\n {4}10\.0\.0\.0\/8: 080000000a000000 → 00000000\n {2}map allow6: .*, 0 of \d+ entries set\n {2}rules, the first that matches decides:\n {5}1 {2}allow from 10\.0\.0\.0\/8 .*\n {8}default deny$/,
    );
  });

  it('explains a filter with state where nothing could carry it', async () => {
    const { status, parts } = await explain(AS_NOBODY, 'knocking');
    expect(status).toBe(0);
    expect(parts[0]?.split('\n').slice(0, 3)).toEqual([
      'tcp [::]:4242: tier ebpf',
      EPERM,
      '  filter knocking, function filter',
    ]);
  });

  it('prints JSON', async () => {
    const { stdout } = await run([
      ...AS_NOBODY,
      installed('alfwrapper'),
      'explain',
      '--json',
      ...PORT,
      '--allow',
      '::1',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      plan: { listeners: [{ label: 'tcp [::]:4242', tier: 'steer' }], target: [] },
      programs: [
        {
          listeners: ['tcp [::]:4242'],
          tier: 'steer',
          works: true,
          listing: expect.arrayContaining([expect.stringMatching(/ret #1 +; allow$/)]),
        },
      ],
      seccomp: expect.arrayContaining([expect.stringMatching(/; fail with EPERM$/)]),
      policy: {
        rules: [{ verdict: 'allow', text: 'allow from ::1', sourceRanges: { ipv4: 0, ipv6: 1 } }],
        default: 'deny',
      },
    });
  });

  it.each([
    [
      [],
      2,
      'no filter and no rules given\n  hint: expected: alfwrapper explain [options] [rules | filter] [program…]',
    ],
    [['--bogus'], 2, 'unknown option --bogus\n  hint: see: alfwrapper --help'],
    [['--dry-run', '--allow', '::1'], 2, 'unknown option --dry-run\n  hint: see: alfwrapper --help'],
    [
      ['--tier', 'steer', 'knocking'],
      1,
      'unable to enforce filter knocking on tcp [::]:4242: only tier ebpf can carry it\n  hint: tier steer takes filters that keep no state',
    ],
    [
      ['--tier', 'steer', '--listen', 'udp:80', '--allow', '::1'],
      1,
      'unable to enforce a filter on udp [::]:80: tier steer is for TCP\n  hint: there is nothing to steer on datagram sockets; --tier classic needs no privilege there',
    ],
  ])('refuses %j', async (argv, status, message) => {
    const { stderr, ...rest } = await explain([], ...argv);
    expect({ stderr, status: rest.status, plan: rest.plan }).toEqual({
      stderr: `alfwrapper: ${message}\n`,
      status,
      plan: '',
    });
  });
});

describeWith(['root', 'bpf', 'userns'], 'explain in a user namespace', () => {
  it('lists the program of a tier', () => expectListing(USER_NAMESPACE));
});
