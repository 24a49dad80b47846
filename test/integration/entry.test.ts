import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ENTRIES, type EntryPackage, makeEntryPackage } from '../support/entries.js';
import { describeWith } from '../support/requires.js';
import { fixture, run } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

describe.each(ENTRIES)('the entry, %s,', (kind) => {
  let built: EntryPackage;
  let root = '';
  let entry = '';

  beforeAll(() => {
    built = makeEntryPackage(kind);
  });

  afterAll(() => built.remove());

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'alf-entry-'));
    chmodSync(root, 0o755);
    put('dist/alfwrapper.cjs', '');
    entry = join(root, 'alfwrapper');
    copyFileSync(built.entry, entry);
  });

  afterEach(() => rmSync(root, { recursive: true }));

  function put(path: string, text: string, mode = 0o644): string {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  }

  /** A node that says which one it is and what it was given. */
  const putNode = (directory: string, mode = 0o755) =>
    put(`${directory}/node`, `#!/bin/sh\nprintf '${directory}:'\nprintf ' %s' "$@"\n`, mode);

  /** Records that the build has tried a flag on a node. */
  const buildWith = (node: string) => put('dist/node-flags', `${statSync(node).ino} --flag\n`);

  const start = (...path: readonly string[]) =>
    run([entry, 'a b', '*', ''], {
      env: { PATH: path.map((directory) => join(root, directory)).join(':') },
      cwd: root,
    });

  const failed = (line: string, hint?: string) => ({
    status: 125,
    stdout: '',
    stderr: `alfwrapper: ${line}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`,
  });

  const NO_NODE = failed(
    'unable to find node in PATH',
    'install Node.js 18.19 or later; empty and relative directories in PATH are skipped',
  );

  it('becomes the first node in PATH, with the flags that the build has tried on it', async () => {
    buildWith(putNode('[12]'));
    putNode('2');
    mkdirSync(join(root, 'directory/node'), { recursive: true });
    put('file/node', 'not executable');
    const { status, stdout } = await start('absent', 'directory', 'file', 'file/node', '[12]', '2');
    expect([status, stdout]).toEqual([0, `[12]: --flag ${root}/dist/alfwrapper.cjs a b * `]);
  });

  it('leaves out the flags for a process that may not generate code', async () => {
    const node = putNode('bin');
    put('dist/node-flags', `${statSync(node).ino} --one\n--jitless\n`);
    expect((await start('bin')).stdout).toBe(`bin: --one ${root}/dist/alfwrapper.cjs a b * `);
  });

  it('passes several flags', async () => {
    const node = putNode('bin');
    put('dist/node-flags', `${statSync(node).ino} --one --two=3\n`);
    expect((await start('bin')).stdout).toBe(`bin: --one --two=3 ${root}/dist/alfwrapper.cjs a b * `);
  });

  it('keeps flags from another node than that of the build, whichever is older', async () => {
    buildWith(putNode('other'));
    for (const seconds of [-60, 60]) {
      const at = Date.now() / 1000 + seconds;
      utimesSync(putNode('bin'), at, at);
      const { status, stdout, stderr } = await start('bin');
      expect([status, stdout, stderr]).toEqual([0, `bin: ${root}/dist/alfwrapper.cjs a b * `, '']);
    }
  });

  it('passes them on when node and build were copied without their times', async () => {
    const node = putNode('bin');
    utimesSync(buildWith(node), 1, 1);
    expect((await start('bin')).stdout).toBe(`bin: --flag ${root}/dist/alfwrapper.cjs a b * `);
  });

  it.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['has no inode', '\n'],
    ['has an inode only', '1'],
    ['is too long', `1${' --flag'.repeat(1000)}`],
  ])('starts without flags when the record of the build %s', async (_, text) => {
    putNode('bin');
    if (text !== undefined) put('dist/node-flags', text);
    const { status, stdout, stderr } = await start('bin');
    expect([status, stdout, stderr]).toEqual([0, `bin: ${root}/dist/alfwrapper.cjs a b * `, '']);
  });

  describe('where memory cannot be both writable and executable', () => {
    const startThere = () =>
      run([fixture('no-code'), entry, 'a'], { env: { PATH: join(root, 'bin') }, cwd: root });

    it.each([
      [
        'with the flags that the build has tried',
        (ino: number) => `${ino} --flag\n--jitless --quiet\n`,
        '--jitless --quiet',
      ],
      [
        'with one flag on another node',
        (ino: number) => `${ino + 1} --flag\n--jitless --quiet\n`,
        '--jitless',
      ],
      ['with one flag without a record for it', (ino: number) => `${ino} --flag\n`, '--jitless'],
      ['with one flag without a record', () => undefined, '--jitless'],
    ])('starts a node that interprets, %s', async (_, text, flags) => {
      const record = text(statSync(putNode('bin')).ino);
      if (record !== undefined) put('dist/node-flags', record);
      expect(await startThere()).toMatchObject({
        status: 0,
        stdout: `bin: ${flags} ${root}/dist/alfwrapper.cjs a`,
        stderr: '',
      });
    });
  });

  it('starts a node that it may not read', async () => {
    copyFileSync('/bin/true', put('bin/node', '', 0o711));
    const path = `${join(root, 'bin')}:${process.env['PATH']}`;
    const { status, stderr } = await run([...AS_NOBODY, entry], { env: { PATH: path } });
    expect([status, stderr]).toEqual([0, '']);
  });

  it.each([
    ['an empty entry first', (bin: string) => `:${bin}`],
    ['an empty entry last', (bin: string) => `${bin}:`],
    ['an empty entry between', (bin: string) => `${bin}::${bin}`],
    ['a dot', (bin: string) => `.:${bin}`],
    ['a relative directory', (bin: string) => `here:${bin}:../x`],
  ])('skips %s of PATH: the working directory may be of another user', async (_, path) => {
    putNode('here');
    putNode('.');
    putNode('bin');
    const command = [entry];
    const { stdout } = await run(command, { env: { PATH: path(join(root, 'bin')) }, cwd: root });
    expect(stdout).toBe(`bin: ${root}/dist/alfwrapper.cjs`);
    const without = path('').replaceAll(/::+/g, ':');
    expect(await run(command, { env: { PATH: without }, cwd: root })).toMatchObject(NO_NODE);
  });

  it('fails when there is no node, with an empty PATH too', async () => {
    expect(await start('absent')).toMatchObject(NO_NODE);
    expect(await run([entry], { env: { PATH: '' }, cwd: root })).toMatchObject(NO_NODE);
  });

  it('fails when node cannot be executed', async () => {
    const node = put('bin/node', '#!/nonexistent\n', 0o755);
    const line = `unable to execute ${node}: No such file or directory (ENOENT)`;
    expect(await start('bin')).toMatchObject(failed(line));
  });

  it('fails when arguments and environment are too large for node alone', async () => {
    putNode('bin');
    // One byte less than the kernel takes; the variable gets a byte more on the way.
    const env = { PATH: join(root, 'bin'), NODE_A: 'x'.repeat(131_072 - 'NODE_A='.length - 1) };
    expect(await run([entry], { env })).toMatchObject(
      failed(
        `unable to execute ${root}/bin/node: Argument list too long (E2BIG)`,
        'pass fewer or shorter arguments and variables',
      ),
    );
  });

  it('fails before it is built', async () => {
    rmSync(join(root, 'dist'), { recursive: true });
    putNode('bin');
    expect(await start('bin')).toMatchObject(
      failed(
        `unable to read ${root}/dist/alfwrapper.cjs: No such file or directory (ENOENT)`,
        `it is not built yet, run: cd ${root} && scripts/setup.sh`,
      ),
    );
  });

  it('fails when it may not read what was built', async () => {
    const dist = join(root, 'dist');
    // Not even its owner may search it, if that is not root.
    chmodSync(dist, 0);
    const refused = await run([...AS_NOBODY, entry]).finally(() => chmodSync(dist, 0o755));
    expect(refused).toMatchObject(
      failed(`unable to read ${dist}/alfwrapper.cjs: Permission denied (EACCES)`),
    );
  });

  it('fails with status 125 when no process reads its standard error', async () => {
    const child = spawn('/bin/sh', ['-c', 'read -r line; "$0"; echo $?', entry], { env: { PATH: '' } });
    child.stderr.destroy();
    const said = once(child.stdout, 'data');
    child.stdin.end('go\n');
    expect(String(await said)).toBe('125\n');
  });

  describe('finds its files', () => {
    const found = () => ({ status: 0, stdout: `bin: ${root}/dist/alfwrapper.cjs`, stderr: '' });
    const path = () => `${join(root, 'bin')}:/usr/bin:/bin`;

    beforeEach(() => {
      putNode('bin');
    });

    it('through symbolic links', async () => {
      const links = ['one', 'two'].map((name) => join(root, name)) as [string, string];
      symlinkSync('alfwrapper', links[0]);
      symlinkSync('one', links[1]);
      expect(await run([links[1]], { env: { PATH: path() } })).toMatchObject(found());
    });

    it('by a relative path, by PATH, and under any other name', async () => {
      for (const script of [
        './alfwrapper',
        'cd dist; ../alfwrapper',
        'PATH=$PWD:$PATH; exec alfwrapper',
        'PATH=.:$PATH; exec alfwrapper',
        'exec -a /nonexistent/x ./alfwrapper',
      ])
        expect(await run(['bash', '-c', script], { env: { PATH: path() }, cwd: root })).toMatchObject(
          found(),
        );
    });

    it('in a directory that it may not list, from one that it may not enter', async () => {
      const inside = put('closed/file', '');
      chmodSync(root, 0o711);
      chmodSync(dirname(inside), 0o700);
      const command = ['sh', '-c', 'cd "$0" && shift && exec "$@"', dirname(inside), '', ...AS_NOBODY, entry];
      expect(await run(command, { env: { PATH: path() } })).toMatchObject(found());
    });

    it('with descriptors of the caller at 3 and so on', async () => {
      const inherited = [3, 4, 5, 6, 7].map((fd) => `open=${fd}`);
      const command = [fixture('arrange'), ...inherited, '--', entry];
      expect(await run(command, { env: { PATH: path() } })).toMatchObject(found());
    });
  });

  describeWith(['root'], 'in a mount namespace', () => {
    const within = (script: string) => ['unshare', '--mount', 'sh', '-c', `${script} && exec "$@"`, 'sh'];

    it('fails without /proc', async () => {
      putNode('bin');
      const command = [...within('mount -t tmpfs tmpfs /proc'), entry];
      const { status, stdout, stderr } = await run(command);
      // Sanitizers need /proc as well, and say so before.
      expect({ status, stdout, stderr: stderr.slice(stderr.indexOf('alfwrapper: ')) }).toEqual(
        failed('unable to list /proc/self/fd: No such file or directory (ENOENT)', 'mount proc on /proc'),
      );
    });

    it('looks for node where shells look when there is no PATH', async () => {
      putNode('bin');
      const mounted = within(`mount --bind ${root}/bin /usr/local/bin`);
      const command = [...mounted, '/usr/bin/env', '-i', entry];
      expect((await run(command)).stdout).toBe(`bin: ${root}/dist/alfwrapper.cjs`);
    });
  });
});
