import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { attempt } from '../support/client.js';
import { elfProgram } from '../support/elf-program.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { environmentWithNode, NODES } from '../support/nodes.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, fixture, installed, type Result, run, start } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

const { client, server } = ADDRESS;

/** What prints, and depends on nothing but its arguments. */
const PRINTED: readonly (readonly string[])[] = [
  ['--help'],
  ['--version'],
  ['check', '--help'],
  ['check', '--allow', 'private', '--deny', '10.0.0.0/8', '10.0.0.1', 'fd00::1', '192.0.2.1'],
  ['check', '--allow', 'nonsense', '10.0.0.1'],
  ['explain', '--tier', 'steer', '--rule', 'allow in on lo', '--allow', '10.0.0.0/8,2001:db8::/32'],
  ['explain', '--tier', 'classic', '--rule', 'allow proto udp from 192.0.2.1-192.0.2.9 port 53'],
  ['inspect', 'whitelist'],
  ['fmt', 'examples/web.rules'],
  ['--dry-run', '--json', '--listen', 'udp:4242', '--allow', 'private', '--', 'true'],
  ['completion', 'bash'],
  ['completion', 'zsh'],
  ['completion', 'fish'],
];

describe('the command line', () => {
  const printedOn = async (env: Record<string, string>) => {
    const printed: Result[] = [];
    for (const args of PRINTED) printed.push(await run([installed('alfwrapper'), ...args], { env }));
    return printed;
  };
  let expected: Promise<Result[]> | undefined;

  it.each(NODES)('prints on Node.js %s what it prints on the node of the build', async (version) => {
    const env = environmentWithNode(version);
    const { stdout } = await run(['node', '--version'], { env });
    expect(stdout).toMatch(version === 'latest' ? /^v\d+\.\d+\.\d+\n$/ : new RegExp(`^v${version}[.\n]`));
    expected ??= printedOn(cleanEnvironment());
    expect(await printedOn(env)).toEqual(await expected);
  });
});

describeWith(['root', 'strace'], 'a launch that fails behind the guard of steering', () => {
  const inject = ['strace', '-qq', '-o', '/dev/null', '-e', 'inject=close_range:error=EMFILE:when=1'];

  const USERS = [['root', []] as const, ['uid 65534', AS_NOBODY] as const];
  const cases = NODES.flatMap((version) => USERS.map(([name, user]) => [version, name, user] as const));

  it.each(cases)('ends on Node.js %s as %s with 125 and its own line', async (version, _, user) => {
    const launch = [installed('alfwrapper'), '--tier', 'steer', '-l', '127.0.0.1:0', '--allow', '127.0.0.1'];
    const env = environmentWithNode(version);
    expect(await run([...user, ...inject, ...launch, '--', 'true'], { env })).toEqual({
      status: 125,
      signal: null,
      stdout: '',
      stderr: 'alfwrapper: unable to hand over (close_range): too many open files (EMFILE)\n',
    });
  });
});

describeWith(['root', 'bpf', 'netns'], 'a daemon', () => {
  const network = makeNetwork();
  const far = { from: client.public4, to: server.public4 };
  const near = { from: client.private4, to: server.private4 };

  describe.each(NODES)('on Node.js %s', (version) => {
    const env = environmentWithNode(version);

    it('consults a doctor who finds everything working', async () => {
      const { status, stdout, stderr } = await run([installed('alfwrapper'), 'doctor'], { env });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/strongest tier that works: ebpf on TCP, ebpf on UDP\n$/);
    });

    it('of the main job serves private addresses only', async () => {
      const daemon = start(
        [
          ...[...network.server, installed('alfwrapper'), '--address', '::', '--port', '4242'],
          ...['ebpf/whitelist-private.c', fixture('echo')],
        ],
        { env },
      );
      await daemon.until(/ready/);
      const [served, denied] = [attempt(network.client, near), attempt(network.client, far)];
      expect([await served, await denied]).toEqual(['echo', 'timeout']);
    });

    it.each(['ebpf', 'classic', 'steer'])('of rules on %s serves those it allows', async (tier) => {
      const rules = ['--allow', client.private4, '--tier', tier, '--port', '4242'];
      const daemon = start([...network.server, installed('alfwrapper'), ...rules, '--', fixture('echo')], {
        env,
      });
      await daemon.until(/ready/);
      const [served, denied] = [attempt(network.client, near), attempt(network.client, far)];
      expect([await served, await denied]).toEqual(['echo', 'timeout']);
    });

    it('serves where memory cannot be both writable and executable', async () => {
      const launch = [installed('alfwrapper'), '--allow', client.private4, '--port', '4242', '--'];
      const daemon = start([...network.server, fixture('no-code'), ...launch, fixture('echo')], { env });
      await daemon.until(/ready/);
      const [served, denied] = [attempt(network.client, near), attempt(network.client, far)];
      expect([await served, await denied]).toEqual(['echo', 'timeout']);
    });

    it('that cannot be executed on tier steer is one line and status 126', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-node-'));
      onTestFinished(() => rmSync(directory, { recursive: true }));
      const program = join(directory, 'damaged');
      writeFileSync(program, elfProgram({}));
      chmodSync(program, 0o755);
      const { status, stderr } = await run(
        [installed('alfwrapper'), '--port', '0', '--tier', 'steer', '--allow', 'private', '--', program],
        { env },
      );
      expect({ status, stderr }).toEqual({
        status: 126,
        stderr: expect.stringMatching(/^alfwrapper: .*damaged.*\n( {2}hint: .*\n)?$/),
      });
    });
  });
});

/** A copy of the installed package to damage. */
function copyPackage(): string {
  const root = mkdtempSync(join(tmpdir(), 'alfwrapper-node-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const part of ['alfwrapper', 'dist', 'build', 'ebpf', 'package.json'])
    cpSync(installed(part), join(root, part), { recursive: true, preserveTimestamps: true });
  return root;
}

describe('a code cache', () => {
  const tried = readFileSync('dist/node-flags', 'latin1').trimEnd().split('\n');
  const FLAGS = [[], ...tried.map((line) => line.split(' ').filter((word) => word.startsWith('--')))];

  /** What the loader says of the cache it looked for. */
  async function look(root: string, flags: readonly string[], node = process.execPath) {
    const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-node-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const script = join(directory, 'script.cjs');
    writeFileSync(
      script,
      `const { cacheFile, script } = require(${JSON.stringify(join(root, 'dist/alfwrapper.cjs'))});
       console.log(JSON.stringify({ cacheFile, rejected: script.cachedDataRejected }));`,
    );
    const { stdout } = await run([node, ...flags, script, '--version']);
    const line = stdout.split('\n').find((line) => line.startsWith('{')) ?? '{}';
    return JSON.parse(line) as { readonly cacheFile: string; readonly rejected?: boolean };
  }

  it.each(FLAGS)('is taken by the node of the build with the flags %s %s', async (...flags) => {
    expect(await look(resolve('.'), flags)).toMatchObject({ rejected: false });
  });

  it('is not read by another binary, which may be another build of the same version', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-node-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const copy = join(directory, 'node');
    cpSync(process.execPath, copy, { preserveTimestamps: true });
    const { cacheFile } = await look(resolve('.'), [], copy);
    expect([existsSync(cacheFile), cacheFile.includes(process.versions.v8)]).toEqual([false, true]);
  });

  it.each(['empty', 'garbage', 'half of it'])('that is %s changes nothing', async (content) => {
    const root = copyPackage();
    for (const flags of FLAGS) {
      const { cacheFile } = await look(root, flags);
      const bytes = readFileSync(cacheFile);
      const half = bytes.subarray(0, bytes.length / 2);
      writeFileSync(cacheFile, { empty: '', garbage: 'garbage' }[content] ?? half);
    }
    const check = [join(root, 'alfwrapper'), 'check', '--allow', 'private', '10.0.0.1'];
    expect(await run(check)).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('the bundle', () => {
  it('reads its parts when a start needs them: set files, dead rules', async () => {
    const root = copyPackage();
    const launch = async (...rules: string[]) => {
      const words = [
        '--dry-run',
        '--listen',
        'udp:127.0.0.1:0',
        ...rules.flatMap((rule) => ['--rule', rule]),
      ];
      const { status } = await run([join(root, 'alfwrapper'), ...words, '--', 'true']);
      return status;
    };
    const list = join(root, 'list');
    writeFileSync(list, '192.0.2.1\n');
    const policy = join(root, 'list.rules');
    writeFileSync(policy, `set list file ${list}\nallow from @list\n`);
    const withList = () =>
      run([
        join(root, 'alfwrapper'),
        '--dry-run',
        '--listen',
        'udp:127.0.0.1:0',
        '--policy',
        policy,
        '--',
        'true',
      ]);
    expect(await withList()).toMatchObject({ status: 0, stderr: '' });
    for (const part of ['lists', 'unreachable-search', 'ip-address']) rmSync(join(root, `dist/${part}.cjs`));
    expect(await launch('allow from 192.0.2.1', 'allow from 2001:db8::/32', 'allow in on lo')).toBe(0);
    expect(await withList()).toMatchObject({ status: 125 });
    expect(await launch('allow from 192.0.2.0/24', 'allow from 192.0.2.1')).toBe(125);
  });

  it.each(['18.18.2', '16.20.0', '12.22.12', '4.9.1'])('refuses Node.js %s in one line', async (version) => {
    const script = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });
                    require(${JSON.stringify(resolve('dist/alfwrapper.cjs'))})`;
    expect(await run([process.execPath, '-e', script])).toMatchObject({
      status: 125,
      stdout: '',
      stderr:
        `alfwrapper: Node.js ${version} is too old\n` +
        '  hint: install Node.js 18.19 or later, or put it first in PATH\n',
    });
  });
});
