import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/requires.js';
import { installed, run } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

const ORDINARY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

/** Runs the doctor and divides what it says into its blocks, by their titles. */
async function consult(as: readonly string[], root = installed('.')) {
  const { status, stdout, stderr } = await run([...as, `${root}/alfwrapper`, 'doctor']);
  expect(stderr).toBe('');
  const blocks = stdout
    .trimEnd()
    .split('\n\n')
    .map((block) => block.split(': ', 1).concat(block.slice(block.indexOf(': ') + 2)));
  return { status, blocks: Object.fromEntries(blocks) as Record<string, string> };
}

/** A copy of the installed package to damage. */
function copyPackage(): string {
  const root = mkdtempSync(join(tmpdir(), 'alfwrapper-doctor-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  chmodSync(root, 0o755);
  for (const part of ['alfwrapper', 'package.json', 'dist', 'build', 'ebpf'])
    cpSync(installed(part), join(root, part), { recursive: true, preserveTimestamps: true });
  return root;
}

describeWith(['root', 'bpf'], 'doctor', () => {
  it('finds everything working for root', async () => {
    const { status, blocks } = await consult([]);
    expect(status).toBe(0);
    expect(blocks).toMatchObject({
      'ebpf on TCP and UDP': 'works',
      'classic on TCP': 'works',
      'classic on UDP': 'works',
      'steer on TCP': 'works',
      'this machine': expect.stringMatching(/^fit\n {2}note {4}Node\.js \d+\.\d+\.\d+\n/),
      'strongest tier that works': 'ebpf on TCP, ebpf on UDP',
    });
  });

  it('tells a user without capabilities what he lacks', async () => {
    const { status, blocks } = await consult(AS_NOBODY);
    expect(status).toBe(0);
    const ebpf = blocks['ebpf on TCP and UDP']?.split('\n') ?? [];
    expect(ebpf.slice(0, 3)).toEqual([
      'does not work',
      '  why     loading eBPF is refused: operation not permitted (EPERM)',
      '          CAP_BPF is not in effect (CapEff)',
    ]);
    expect(ebpf).toContain(
      '          the bounding set has no CAP_BPF: nothing that is started from here can get it',
    );
    expect(ebpf).toContain('  unlock  in a system unit:      AmbientCapabilities=CAP_BPF CAP_PERFMON');
    expect(blocks).toMatchObject({ 'classic on UDP': 'works', 'steer on TCP': 'works' });
  });

  it('prints a line for lending the capability that does', async () => {
    const { blocks } = await consult(ORDINARY);
    const [, options = ''] =
      /by hand: +sudo setpriv (.*) alfwrapper …$/m.exec(blocks['ebpf on TCP and UDP'] ?? '') ?? [];
    expect(options).toBe(
      '--reuid 65534 --regid 65534 --init-groups --inh-caps +bpf,+perfmon --ambient-caps +bpf,+perfmon',
    );
    const lent = await consult(['setpriv', ...options.split(' ')]);
    expect(lent.blocks['ebpf on TCP and UDP']).toBe('works');
  });

  it('sees no_new_privs, and the seccomp filter of another alfwrapper', async () => {
    const launch = [installed('alfwrapper'), '--tier', 'steer', '--port', '0', '--allow', '::1', '--'];
    const { status, blocks } = await consult([...AS_NOBODY, ...launch]);
    expect(blocks['ebpf on TCP and UDP']).toContain('no_new_privs is set: sudo gains nothing from here\n');
    expect(blocks['steer on TCP']).toContain(
      'a seccomp filter is in force (Seccomp: 2): perhaps that of tier steer, if this runs below alfwrapper\n',
    );
    expect(blocks['classic on UDP']).toBe('works');
    expect(status).toBe(/^works/.test(blocks['classic on TCP'] ?? '') ? 0 : 1);
  });

  it('sees that libbpf cannot be linked', async () => {
    const { stdout } = await run(['ldd', installed('build/native/alf_bpf.node')]);
    const [, library = ''] = /libbpf\S* => (\S+)/.exec(stdout) ?? [];
    const hide = `mount --bind /dev/null "$(readlink -f ${library})" && exec "$@"`;
    const { status, blocks } = await consult(['unshare', '-m', 'sh', '-c', hide, 'sh']);
    expect(status).toBe(0);
    expect(blocks['ebpf on TCP and UDP']).toMatch(
      /^does not work\n {2}why {5}unable to load \S+: \S*libbpf\S*: file too short\n {2}unlock {2}on Debian, Ubuntu: sudo apt-get install libbpf1\n/,
    );
  });

  it('sees what is missing of the package', async () => {
    const root = copyPackage();
    rmSync(`${root}/build/native/alf_bpf.node`);
    rmSync(`${root}/build/native/alf-companion`);
    const { blocks } = await consult([], root);
    const setup = '  unlock  in the package: scripts/setup.sh';
    expect(blocks['ebpf on TCP and UDP']).toContain(`alf_bpf.node: no such file\n${setup}`);
    expect(blocks['steer on TCP']).toBe(
      `does not work\n  why     the companion is missing: ${root}/build/native/alf-companion\n${setup}`,
    );
  });

  it('sees a companion that cannot be executed', async () => {
    const root = copyPackage();
    chmodSync(`${root}/build/native/alf-companion`, 0o644);
    const { blocks } = await consult([], root);
    expect(blocks['steer on TCP']).toContain(
      `unlock  if its mode is to blame: chmod +x ${root}/build/native/`,
    );
  });

  it('ends with status 1 and one message where nothing can be asked', async () => {
    const root = copyPackage();
    rmSync(`${root}/build/native/alf.node`);
    expect(await run([`${root}/alfwrapper`, 'doctor'])).toEqual({
      status: 1,
      signal: null,
      stdout: '',
      stderr: `alfwrapper: unable to load ${root}/build/native/alf.node: no such file (ENOENT)\n  hint: run scripts/setup.sh\n`,
    });
  });

  it('counts how many prefixes the memory of a network namespace has room for', async () => {
    const less = 'echo 20480 > /proc/sys/net/core/optmem_max && exec "$@"';
    const { blocks } = await consult(['unshare', '-n', 'sh', '-c', less, 'sh']);
    expect(blocks['this machine']).toContain(
      'net.core.optmem_max is 20480: classic and steer take about 1200 IPv4 prefixes instead of 3300\n',
    );
  });

  it('takes no words, and prints JSON', async () => {
    const words = await run([installed('alfwrapper'), 'doctor', 'who']);
    expect(words).toMatchObject({
      status: 2,
      stderr: 'alfwrapper: doctor takes no words\n  hint: expected: alfwrapper doctor [--json]\n',
    });
    const { status, stdout } = await run([...AS_NOBODY, installed('alfwrapper'), 'doctor', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      strongest: { udp: 'classic' },
      answers: { uid: 65534, effective: '0', bounding: '0' },
    });
  });
});

describeWith(['root', 'bpf', 'userns'], 'doctor in a user namespace', () => {
  it('knows that capabilities of a user namespace are none for eBPF', async () => {
    const { status, blocks } = await consult([...ORDINARY, 'unshare', '-Urn']);
    expect(status).toBe(0);
    expect(blocks['ebpf on TCP and UDP']).toContain(
      'CAP_BPF is in effect, but does not count in a user namespace\n',
    );
    expect(blocks).toMatchObject({ 'classic on TCP': 'works', 'steer on TCP': 'works' });
  });
});
