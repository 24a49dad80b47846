import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTRIES, type EntryPackage, makeEntryPackage } from '../support/entries.js';
import { Random, seedOf } from '../support/random.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, fixture, installed, run } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

const USERS = [
  ['root', []],
  ['uid 65534', AS_NOBODY],
] as const;

const OPTIONS = ['--quiet', '--listen', '127.0.0.1:0', '--allow', 'any', '--'];

/** What a launch adds, behind everything else; the last one since Linux 6.9. */
const LISTEN = /^LISTEN_PID=\d+\0LISTEN_FDS=1\0LISTEN_FDNAMES=tcp-0\0(LISTEN_PIDFDID=\d+\0)?$/;

/** A mount namespace in which a program is /bin/sh, and the node of the tests is where one without PATH looks. */
const withShell = (shell: string) => {
  const mounts = `mount --bind ${dirname(process.execPath)} /usr/local/bin && mount --bind "$(command -v ${shell})" /bin/sh`;
  return ['unshare', '--mount', 'sh', '-c', `${mounts} && exec "$@"`, 'sh'];
};

describeWith(['root', 'dash', 'busybox'], 'the environment of the target', () => {
  const INPUT = ['a.b-c=1', 'fd=x', 'IFS=,', 'PWD=/elsewhere', 'SHLVL=7', 'root=r', 'key=k', '_=/x'];

  describe.each(['dash', 'bash', 'busybox'])('with %s as /bin/sh', (shell) => {
    it.each(USERS)("is the caller's and LISTEN_*, as %s", async (_, as) => {
      const direct = [...withShell(shell), ...as, 'env', '-i', ...INPUT];
      const wrapped = [...direct, installed('alfwrapper'), ...OPTIONS, 'cat', '/proc/self/environ'];
      const { status, stdout, stderr } = await run(wrapped);
      const input = INPUT.map((variable) => `${variable}\0`).join('');
      expect([status, stderr, stdout.slice(0, input.length)]).toEqual([0, '', input]);
      expect(stdout.slice(input.length)).toMatch(LISTEN);
    });

    it.each(USERS)('is what the shell exports, as %s', async (_, as) => {
      const script = 'root=1 IFS=, fd=3; export root IFS fd; cd /; cd /tmp; exec env "$@"';
      const direct = [...withShell(shell), ...as, 'sh', '-c', script, 'sh'];
      const show = ['cat', '/proc/self/environ'];
      const env = cleanEnvironment({ SHLVL: '3', 'a-b': '1', OLDPWD: '/usr' });
      const expected = await run([...direct, ...show], { env });
      const { stdout } = await run([...direct, installed('alfwrapper'), ...OPTIONS, ...show], { env });
      expect(stdout.slice(0, expected.stdout.length)).toBe(expected.stdout);
      expect(stdout.slice(expected.stdout.length)).toMatch(LISTEN);
    });
  });
});

/** Names that steer node or its libraries, that are ours, that are no names; and one that is removed. */
const NAMES = [
  ...['NODE_OPTIONS', 'NODE_V8_COVERAGE', 'NODE_DEBUG', 'NODE_DEBUG_NATIVE', 'NODE_CHANNEL_FD', 'NODE_PATH'],
  ...['NODE_COMPILE_CACHE', 'NODE_ICU_DATA', 'NODE_PENDING_DEPRECATION', 'NODE_REDIRECT_WARNINGS', 'NODE_'],
  ...[
    'NODE_EXTRA_CA_CERTS',
    'OPENSSL_CONF',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'UV_THREADPOOL_SIZE',
    'ICU_DATA',
  ],
  ...['ALFWRAPPER_STATE', 'ALFWRAPPER_ENV_NODE_OPTIONS', '=NODE_OPTIONS', '=', '==', '', 'A', 'A', 'a.b-c'],
  ...['PATH', 'HOME', 'SHLVL', 'LISTEN_FDS', 'LISTEN_PORT'],
];

const LISTEN_FDS = Buffer.from('LISTEN_FDS=').toString('latin1');

describe.each(ENTRIES)('a random environment, through the entry %s,', (kind) => {
  const random = new Random(seedOf('environments'));
  let built: EntryPackage;
  let directory = '';

  beforeAll(() => {
    built = makeEntryPackage(kind);
    directory = mkdtempSync(join(tmpdir(), 'alfwrapper-environment-'));
    chmodSync(directory, 0o755);
  });

  afterAll(() => {
    built.remove();
    rmSync(directory, { recursive: true });
  });

  const bytes = () => String.fromCharCode(...random.list(0, 30, () => 1 + random.below(255)));

  /** An entry as latin1 text: a variable, or bytes that need not be one. */
  const makeEntry = () =>
    random.chance(0.2)
      ? bytes()
      : `${random.chance(0.8) ? random.pick(NAMES) : bytes()}${random.chance(0.9) ? '=' : ''}${bytes()}`;

  /** The first PATH has the programs, and the dynamic linker is not given libraries that are not there. */
  function makeEnvironment(): string[] {
    const entries = random.list(0, 40, makeEntry).filter((entry) => !/^(PATH=|LD_)/.test(entry));
    const at = random.below(entries.length + 1);
    const path = `PATH=${process.env['PATH']}`;
    const later = random.list(0, 2, () => `PATH=${bytes()}`);
    return [...entries.slice(0, at), path, ...later, ...entries.slice(at)];
  }

  /** What a program started directly or by an entry finds: the bytes of its environment. */
  async function observe(as: readonly string[], environment: readonly string[], words: readonly string[]) {
    const file = join(directory, 'environment');
    writeFileSync(file, environment.map((entry) => `${entry}\0`).join(''), 'latin1');
    // Hexadecimal, for the output is read as text; od(1) reads a pipe, and the target stays the one that is asked.
    const show = '{ "$@"; echo "status $?" >&2; } | od -An -v -tx1 | tr -d " \\n"';
    const command = [...as, fixture('arrange'), `environ=${file}`, '--', ...words, '/usr/bin/env', '-0'];
    const { stdout, stderr } = await run(['sh', '-c', show, 'sh', ...command]);
    return { stdout: Buffer.from(stdout, 'hex').toString('latin1'), stderr };
  }

  it.each(USERS)(
    'reaches the target byte for byte and in order, as %s',
    { timeout: 120_000 },
    async (_, as) => {
      for (let round = 0; round < 15; round++) {
        const environment = makeEnvironment();
        const { stdout, stderr } = await observe(as, environment, [built.entry, ...OPTIONS]);
        const kept = environment.filter((entry) => !entry.startsWith(LISTEN_FDS));
        const expected = kept.map((entry) => `${entry}\0`).join('');
        expect([stderr, stdout.slice(0, expected.length)]).toEqual(['status 0\n', expected]);
        expect(stdout.slice(expected.length)).toMatch(LISTEN);
      }
    },
  );

  it('reaches it with tunables of the C library, which cuts them into pieces in node', async () => {
    const environment = [
      `PATH=${process.env['PATH']}`,
      'GLIBC_TUNABLES=glibc.malloc.check=0:glibc.malloc.arena_max=1',
      'A=1',
    ];
    const { stdout, stderr } = await observe([], environment, [built.entry, ...OPTIONS]);
    expect(stderr).toBe('status 0\n');
    expect(stdout.split('\0').slice(0, 3)).toEqual(environment);
  });
});

describe('an environment that would change node', () => {
  it.each([
    ['NODE_OPTIONS', '--require /nonexistent'],
    ['NODE_V8_COVERAGE', 'DIRECTORY'],
    ['NODE_COMPILE_CACHE', 'DIRECTORY'],
    ['NODE_DEBUG', 'fs,module,net'],
    ['NODE_DEBUG_NATIVE', 'mksnapshot,code_cache'],
    ['NODE_ICU_DATA', '/nonexistent'],
    ['NODE_CHANNEL_FD', '0'],
    ['NODE_REDIRECT_WARNINGS', 'DIRECTORY/warnings'],
    ['NODE_EXTRA_CA_CERTS', '/nonexistent'],
    ['OPENSSL_CONF', '/dev/full'],
    ['UV_THREADPOOL_SIZE', '1000'],
  ])('does not: %s', async (name, value) => {
    const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-environment-'));
    try {
      const env = cleanEnvironment({ [name]: value.replace('DIRECTORY', directory) });
      const { status, stdout, stderr } = await run([installed('alfwrapper'), ...OPTIONS, 'printenv', name], {
        env,
      });
      expect([status, stdout, stderr]).toEqual([0, `${env[name]}\n`, '']);
      expect(readdirSync(directory)).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
