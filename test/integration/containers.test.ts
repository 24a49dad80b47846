import { describe, expect, it } from 'vitest';
import { expectServed, remote } from '../support/attempts.js';
import { type Image, startContainer } from '../support/container.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { commandsOf, fencedBlocks } from '../support/readme.js';
import { describeWith } from '../support/requires.js';

const { client, server } = ADDRESS;

const DOC = 'docs/containers.md';

/** The image of a document: its entry point, and the command behind that. */
function readImage(file = DOC): Image {
  const [text = ''] = fencedBlocks(file, 'dockerfile');
  const words = (instruction: string) =>
    JSON.parse(new RegExp(`^${instruction} (.*)$`, 'm').exec(text)?.[1] ?? '') as string[];
  return { entrypoint: words('ENTRYPOINT'), cmd: words('CMD') };
}

const RUN = 'docker run --rm ';

const DOCTOR = `${RUN}--cap-drop ALL --entrypoint /opt/alfwrapper/alfwrapper mydaemon doctor`;

const AS_INIT =
  'alfwrapper: warning: process 1 continues without a filter if both processes of the companion are killed: start alfwrapper below an init (docker run --init)\n';

const ECHO_PROGRAM = '/opt/alfwrapper/fixtures/echo';

const DROP = ['--cap-drop', 'ALL'];

/** Options of alfwrapper, then a program; -v says which tiers. */
const BARE: Image = { entrypoint: ['/opt/alfwrapper/alfwrapper'], cmd: [] };
const LISTEN = ['-v', '--listen', '4242', '--listen', 'udp:4242', '--allow', 'private'];
const UNPRIVILEGED = /^alfwrapper: tcp \S+ tier steer, .*\nalfwrapper: udp \S+ tier classic, /;
const PRIVILEGED = /^alfwrapper: tcp \S+ tier ebpf, .*\nalfwrapper: udp \S+ tier ebpf, /;

describeWith(['root', 'bpf', 'netns', 'runc'], 'a container', () => {
  const network = makeNetwork();

  const runImage = (image: Image, words: readonly string[], forbidden: readonly string[] = []) =>
    startContainer({ where: network.server, image, words, forbidden });
  const launch = (options: readonly string[], target: readonly string[], forbidden: readonly string[] = []) =>
    runImage(BARE, [...options, 'mydaemon', ...LISTEN, ...target], forbidden);

  const expectFiltered = async () => {
    for (const protocol of ['tcp', 'udp'] as const)
      await expectServed(
        network,
        [remote(client.private4, server.private4), remote(client.private6, server.private6)],
        [remote(client.public4, server.public4), remote(client.public6, server.public6)],
        { protocol },
      );
  };

  describe(DOC, () => {
    const commands = commandsOf(DOC);

    it('has no command that is not run here', () => {
      expect(commands.filter((command) => !command.startsWith(RUN))).toEqual([]);
      expect(commands).toContain(DOCTOR);
    });

    it.each(commands.filter((command) => command !== DOCTOR))('$ %s', async (command) => {
      const container = runImage(readImage(), command.slice(RUN.length).split(' '));
      await container.until(/^ready$/m);
      await expectFiltered();
      const { status, stdout, stderr } = await container.kill('SIGTERM');
      // Without one there may be nobody who ends the program; tier ebpf has no companion.
      const warns = !/--init|--cap-add BPF/.test(command);
      expect({ status, stderr }).toEqual({ status: 0, stderr: warns ? AS_INIT : '' });
      expect(stdout).toMatch(/^3 stream tcp-4242\n4 datagram udp-4242\n[\s\S]*^stopped\n$/m);
    });

    it(`$ ${DOCTOR}`, async () => {
      const { status, stdout } = await runImage(readImage(), DOCTOR.slice(RUN.length).split(' ')).ended();
      expect(status).toBe(0);
      const [ebpf = ''] = stdout.split('\n\n');
      expect(ebpf).toMatch(/^ebpf on TCP and UDP: does not work\n/);
      expect(ebpf).toContain(
        'the bounding set has no CAP_BPF: nothing that is started from here can get it\n',
      );
      expect(ebpf).toContain('a seccomp filter is in force (Seccomp: 2), which may forbid bpf(2)\n');
      expect(ebpf).toMatch(/for a container: +--cap-add BPF --cap-add PERFMON\n/);
      expect(stdout).toMatch(/^strongest tier that works: steer on TCP, classic on UDP\n$/m);
    });
  });

  it('has the entry point of README.md', async () => {
    const { entrypoint } = readImage('README.md');
    const container = runImage({ entrypoint, cmd: ['/opt/mydaemon/mydaemon'] }, [
      ...DROP,
      '--init',
      'mydaemon',
    ]);
    await container.until(/^3 stream tcp-8080\n[\s\S]*^ready$/m);
    await expectServed(
      network,
      [remote(client.private4, server.private4, { port: 8080 })],
      [remote(client.public4, server.public4, { port: 8080 })],
    );
  });

  it.each([
    ['its first process', []],
    ['a child of its init', ['--init']],
  ])('filters the sockets that its program opens: %s', async (_, init) => {
    const own = ['/opt/alfwrapper/fixtures/own-socket', 'tcp,::,4242', 'udp,::,4242', '--', ECHO_PROGRAM];
    const options = [...DROP, ...init, 'mydaemon', '-v', '--allow', 'private', '--', ...own];
    const container = runImage(BARE, options);
    await container.until(/^ready$/m);
    expect(container.stderr()).toMatch(/^alfwrapper: tcp \[::\]:4242 of own-socket\[\d+\]: steer$/m);
    expect(container.stderr()).toMatch(/^alfwrapper: sockets are created by the companion/m);
    await expectFiltered();
  });

  const SHOW = [
    '--',
    'sh',
    '-c',
    'ps -o pid=,ppid=,comm= -A; grep -E "^(Cap(Prm|Eff|Amb)|NoNewPrivs)" /proc/self/status',
  ];

  it('has the program as its first process, and the companion as a child of that', async () => {
    const { status, stdout, stderr } = await launch(DROP, SHOW).ended();
    expect(status).toBe(0);
    expect(stderr).toMatch(UNPRIVILEGED);
    expect(stdout).toMatch(/^ +1 +0 sh\n +(\d+) +1 alf-companion\n +\d+ +\1 alf-standby\n/);
    expect(stdout).toMatch(/(^Cap\w+:\t0{16}\n){3}NoNewPrivs:\t1\n$/m);
  });

  it('has the program and the companion as children of its init', async () => {
    const { stdout, stderr } = await launch([...DROP, '--init'], SHOW).ended();
    expect(stderr).toMatch(UNPRIVILEGED);
    expect(stdout).toMatch(/^ +1 +0 tini\n +\d+ +1 sh\n +(\d+) +1 alf-companion\n +\d+ +\1 alf-standby\n/);
  });

  it('ends with the status of the program', async () => {
    expect((await launch(DROP, ['--', 'sh', '-c', 'exit 7']).ended()).status).toBe(7);
  });

  const ECHO = ['--', ECHO_PROGRAM];

  it('goes on after a signal its first process has no handler for', async () => {
    const container = launch(DROP, ECHO);
    await container.until(/^ready$/m);
    process.kill(container.pid, 'SIGTERM');
    await expectFiltered();
    expect((await container.kill('SIGKILL')).signal).toBe('SIGKILL');
  });

  it('ends by that signal with an init', async () => {
    const container = launch([...DROP, '--init'], ECHO);
    await container.until(/^ready$/m);
    expect((await container.kill('SIGTERM')).status).toBe(128 + 15);
  });

  it('ends when both processes of the companion are killed, with an init', async () => {
    const target = [
      '--',
      'sh',
      '-c',
      'for s in STOP KILL; do kill -$s $(pgrep "alf-(companion|standby)"); done; exec sleep 60',
    ];
    expect((await launch([...DROP, '--init'], target).ended()).status).toBe(128 + 9);
  });

  it.each([
    ['without an init on tier steer', DROP, true],
    ['not with one', [...DROP, '--init'], false],
    ['not on tier ebpf', [...DROP, '--cap-add', 'BPF'], false],
  ])('warns that this could not be: %s', async (_, options, warns) => {
    const { stderr } = await launch(options, ['--', 'true']).ended();
    expect(stderr.includes(AS_INIT)).toBe(warns);
  });

  it.each<[string, readonly string[], readonly string[], RegExp]>([
    ['CAP_BPF for root', ['--cap-add', 'BPF'], [], PRIVILEGED],
    [
      'CAP_BPF for a user, who does not get it',
      ['--cap-add', 'BPF', '--user', '65534:65534'],
      [],
      UNPRIVILEGED,
    ],
    ['CAP_BPF under a profile that forbids bpf(2)', ['--cap-add', 'BPF'], ['bpf'], UNPRIVILEGED],
  ])('takes the strongest tier that works: %s', async (_, options, forbidden, tiers) => {
    const { status, stderr } = await launch([...DROP, ...options], ['--', 'true'], forbidden).ended();
    expect(status).toBe(0);
    expect(stderr).toMatch(tiers);
  });

  it('does not give the program what was added for the start, if that is another user', async () => {
    const added = ['BPF', 'SETUID', 'SETGID'].flatMap((name) => ['--cap-add', name]);
    const { stdout, stderr } = await launch([...DROP, ...added], ['--user', 'nobody', ...SHOW]).ended();
    expect(stderr).toMatch(PRIVILEGED);
    expect(stdout).toMatch(/(^Cap\w+:\t0{16}\n){3}/m);
  });

  const REFUSED =
    'unable to enforce a filter on tcp [::]:4242: loading eBPF is refused: operation not permitted (EPERM)';

  it.each<[string, readonly string[], readonly string[], readonly string[], string, string]>([
    [
      'no CAP_BPF',
      [],
      ['--tier', 'ebpf'],
      [],
      REFUSED,
      'it needs CAP_BPF: the bounding set has none, so it has to be lent from outside: AmbientCapabilities=CAP_BPF in the unit, --cap-add BPF for a container',
    ],
    [
      'a profile that forbids bpf(2)',
      ['--cap-add', 'BPF'],
      ['--tier', 'ebpf'],
      ['bpf'],
      REFUSED,
      'CAP_BPF is in effect: seccomp, a user namespace or a security module refuses; run alfwrapper doctor for the cause',
    ],
    [
      'a profile that forbids seccomp(2)',
      [],
      ['-q'],
      ['seccomp'],
      'unable to forbid the program to take the filter off (seccomp): operation not permitted (EPERM)',
      'no seccomp filter is allowed by this kernel, container or unit (SystemCallFilter=… seccomp); --no-lock does without',
    ],
  ])('runs nothing and says why: %s', async (_, options, words, forbidden, message, hint) => {
    const target = ['--listen', '4242', '--allow', 'private', '--', 'echo', 'running'];
    const container = runImage(BARE, [...DROP, ...options, 'mydaemon', ...words, ...target], forbidden);
    expect(await container.ended()).toMatchObject({
      status: 125,
      stdout: '',
      stderr: `alfwrapper: ${message}\n  hint: ${hint}\n`,
    });
  });

  it.each<[string, readonly string[], readonly string[], string, string]>([
    ['bpf(2)', ['--cap-add', 'BPF'], ['bpf'], 'ebpf on TCP and UDP', 'steer on TCP, classic on UDP'],
    ['seccomp(2)', [], ['seccomp'], 'steer on TCP', 'none on TCP, classic on UDP'],
  ])('tells by doctor that the profile forbids %s', async (_, options, forbidden, tier, strongest) => {
    const { stdout } = await runImage(BARE, [...DROP, ...options, 'mydaemon', 'doctor'], forbidden).ended();
    const blocks = stdout.trimEnd().split('\n\n');
    const block = blocks.find((text) => text.startsWith(`${tier}: does not work\n`)) ?? '';
    expect(block).toMatch(
      /for a container: +--security-opt seccomp=FILE, a profile that allows bpf and seccomp$/m,
    );
    expect(blocks.at(-1)).toBe(`strongest tier that works: ${strongest}`);
  });
});
