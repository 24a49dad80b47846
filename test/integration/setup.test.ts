import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../support/run.js';

/** What the script uses that every system has. */
const SYSTEM = ['sh', 'cat', 'dirname', 'env', 'find', 'flock', 'grep', 'mkdir', 'mv', 'rm', 'tail'];
/** What it looks for besides libbpf, which it asks pkg-config for. */
const TOOLS = 'c++ cmake ninja pkg-config clang llvm-strip setpriv systemd-socket-activate'.split(' ');
const NPM = `
case $1 in
ci) mkdir -p node_modules ;;
run) mkdir -p dist build/native && : >alfwrapper && : >dist/alfwrapper.cjs && : >build/native/alf.node && : >build/native/alf_bcc.node ;;
esac`;

/** A fresh clone on a machine of our own: all there is in its PATH are stand-ins that write down their calls. */
function makeMachine({ tools = TOOLS, uid = 1000, node = 'v20.19.2' } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'alfwrapper-setup-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const clone = join(root, 'clone');
  const write = (path: string, text = '') => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    // A stand-in must not be written through the link to the command that it stands for.
    rmSync(join(root, path), { force: true });
    writeFileSync(join(root, path), text);
  };
  const addProgram = (name: string, script = '') => {
    write(`bin/${name}`, `#!/bin/sh\necho "${name}\${*:+ $*}" >>${root}/calls\n${script}\n`);
    chmodSync(join(root, 'bin', name), 0o755);
  };

  for (const name of ['package.json', 'package-lock.json', 'CMakeLists.txt']) write(`clone/${name}`);
  for (const name of ['native/a.cc', 'ebpf/a.c', 'src/a.ts', 'scripts/a.mjs']) write(`clone/${name}`);
  mkdirSync(join(root, 'bin'));
  cpSync('scripts/setup.sh', join(clone, 'scripts/setup.sh'));
  for (const name of tools) addProgram(name);
  for (const name of SYSTEM) symlinkSync(find(name), join(root, 'bin', name));
  addProgram('node', `echo ${node}`);
  addProgram('npm', NPM);
  addProgram('id', `echo ${uid}`);

  return {
    root,
    addProgram,
    write,
    /** Makes a file of the clone newer than all that was done to it. */
    touch: (path: string) => utimesSync(join(clone, path), new Date(), new Date(Date.now() + 60_000)),
    files: () => readdirSync(clone, { recursive: true }).sort(),
    /** Runs the set-up: what it said, and which of its calls change something. */
    async setup(...args: string[]) {
      write('calls');
      const { status, stdout, stderr } = await run([join(clone, 'scripts/setup.sh'), ...args], {
        env: { PATH: join(root, 'bin') },
      });
      const calls = readFileSync(join(root, 'calls'), 'utf8').split('\n');
      const changes = calls.filter((call) => /^(npm|sudo|apt-get|dnf|pacman) /.test(call));
      return { status, said: stdout + stderr, changes };
    },
  };
}

function find(program: string): string {
  const paths = (process.env['PATH'] ?? '').split(':').map((directory) => join(directory, program));
  const path = paths.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (path === undefined) throw new Error(`no ${program} in PATH`);
  return path;
}

const CI = 'npm ci --include=dev --ignore-scripts --no-audit --no-fund';
const BUILD = 'npm run build';

describe('scripts/setup.sh, with everything there', () => {
  it('installs and builds once, and then has nothing to do', async () => {
    const { setup } = makeMachine();
    expect(await setup()).toEqual({
      status: 0,
      said: 'setup: installing npm packages\nsetup: building\n',
      changes: [CI, BUILD],
    });
    expect(await setup()).toEqual({ status: 0, said: '', changes: [] });
  });

  it.each([
    ['src/a.ts', [BUILD]],
    ['ebpf/a.c', [BUILD]],
    ['native/a.cc', [BUILD]],
    ['scripts/a.mjs', [BUILD]],
    ['CMakeLists.txt', [BUILD]],
    ['package-lock.json', [CI, BUILD]],
    ['scripts/setup.sh', []],
  ])('does after a change of %s only what depends on it', async (path, expected) => {
    const { setup, touch } = makeMachine();
    await setup();
    touch(path);
    expect((await setup()).changes).toEqual(expected);
  });

  it.each(['alfwrapper', 'dist/alfwrapper.cjs', 'build/native/alf.node'])(
    'builds again without %s',
    async (path) => {
      const { root, setup } = makeMachine();
      await setup();
      rmSync(join(root, 'clone', path));
      expect((await setup()).changes).toEqual([BUILD]);
      expect((await setup()).changes).toEqual([]);
    },
  );

  it('builds again when libbcc has come or gone', async () => {
    const { setup, addProgram } = makeMachine();
    const noBcc = 'case $* in *libbcc*) exit 1 ;; esac';
    addProgram('pkg-config', noBcc);
    addProgram(
      'npm',
      NPM.replace(': >build/native/alf_bcc.node', 'pkg-config libbcc && : >build/native/alf_bcc.node || :'),
    );
    await setup();
    expect((await setup()).changes).toEqual([]);
    addProgram('pkg-config');
    expect((await setup()).changes).toEqual([BUILD]);
    expect((await setup()).changes).toEqual([]);
  });

  it('builds from scratch in a copy, whose build tree would build the original', async () => {
    const { root, setup, touch, write, files } = makeMachine();
    const cache = (directory: string) =>
      write('clone/build/cmake/CMakeCache.txt', `CMAKE_HOME_DIRECTORY:INTERNAL=${directory}\n`);
    await setup();
    cache(`${root}/clone`);
    touch('src/a.ts');
    await setup();
    expect(files()).toContain('build/cmake/CMakeCache.txt');
    cache(`${root}/original`);
    await setup();
    expect(files()).not.toContain('build/cmake');
  });

  it('builds again after a build that failed', async () => {
    const { setup, addProgram } = makeMachine();
    addProgram('npm', `${NPM}\n[ $1 != run ] || { echo no luck; exit 1; }`);
    const { status, said } = await setup();
    expect({ status, said }).toEqual({
      status: 1,
      said: expect.stringMatching(/^no luck\nsetup: unable to build\n {2}hint: .*build\/setup\.log/m),
    });
    addProgram('npm', NPM);
    expect((await setup()).changes).toEqual([BUILD]);
  });
});

describe('scripts/setup.sh, with nothing there', () => {
  const MANAGERS = [
    [
      'apt-get',
      'g++ cmake ninja-build pkg-config clang llvm libbpf-dev util-linux systemd',
      'apt-get update && apt-get install -y --no-install-recommends',
    ],
    [
      'dnf',
      'gcc-c++ cmake ninja-build pkgconf-pkg-config clang llvm libbpf-devel util-linux systemd',
      'dnf install -y --setopt=install_weak_deps=False',
    ],
    [
      'pacman',
      'gcc cmake ninja pkgconf clang llvm libbpf util-linux systemd',
      'pacman -S --needed --noconfirm',
    ],
  ] as const;

  it.each(MANAGERS)(
    'names the packages for %s to a user, and changes nothing',
    async (manager, packages, command) => {
      const { setup, addProgram, files } = makeMachine({ tools: [] });
      addProgram(manager);
      const before = files();
      expect(await setup()).toEqual({
        status: 1,
        said:
          `setup: unable to install what is missing without root or sudo: ${packages}\n` +
          `  hint: as root, run: ${command} ${packages}\n`,
        changes: [],
      });
      expect(files()).toEqual(before);
    },
  );

  it.each(MANAGERS)('installs them with %s as root', async (manager, packages, command) => {
    const { setup, addProgram } = makeMachine({ tools: [], uid: 0 });
    addProgram(manager);
    const { said, changes } = await setup();
    expect(changes).toEqual(`${command} ${packages}`.split(' && '));
    // The stand-in has installed nothing.
    expect(said).toMatch(
      /^setup: installing system packages: .*\nsetup: unable to find what was installed: /,
    );
  });

  it('names only what is missing', async () => {
    const { setup, addProgram } = makeMachine({ tools: TOOLS.filter((tool) => tool !== 'clang') });
    addProgram('apt-get');
    addProgram('pkg-config', 'exit 1');
    expect((await setup()).said).toMatch(/--no-install-recommends clang libbpf-dev\n$/);
  });

  it('does not ask for a password where nobody can type it', async () => {
    const { setup, addProgram } = makeMachine({ tools: [] });
    addProgram('apt-get');
    addProgram('sudo', '[ "$1" != -n ]');
    expect(await setup()).toMatchObject({ status: 1, changes: ['sudo -n true'] });
  });

  it('names the commands where it knows no package manager', async () => {
    const { said } = await makeMachine({ tools: TOOLS.filter((tool) => tool !== 'cmake') }).setup();
    expect(said).toMatch(/^setup: unable to find apt, dnf or pacman to install what is missing: cmake\n/);
  });
});

describe('scripts/setup.sh', () => {
  it.each([
    ['v18.20.8', 1],
    ['v20.18.9', 1],
    ['v20.19.0', 0],
    ['v20.100.0', 0],
    ['v24.0.0', 0],
  ])('answers node %s with status %i', async (node, expected) => {
    const { status, said } = await makeMachine({ node }).setup();
    expect(status).toBe(expected);
    if (status !== 0)
      expect(said).toBe(
        `setup: unable to use Node.js ${node.slice(1)}: 20.19 or later is needed\n` +
          '  hint: as root, run: npm install --global node@22\n',
      );
  });

  it('refuses an option it does not know', async () => {
    const { status, said } = await makeMachine().setup('--tests');
    expect({ status, said }).toEqual({
      status: 1,
      said: 'setup: unable to understand --tests\n  hint: scripts/setup.sh [--test] [--bench]\n',
    });
  });
});
