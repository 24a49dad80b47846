import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { elfProgram, OTHER_MACHINE } from '../support/elf-program.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, run } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

/** A directory with programs, by name, which every user may execute. */
function makePrograms(programs: Readonly<Record<string, string | Buffer>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-format-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  chmodSync(directory, 0o755);
  for (const [name, content] of Object.entries(programs)) {
    writeFileSync(join(directory, name), content);
    chmodSync(join(directory, name), 0o755);
  }
  return directory;
}

/** Mounts binfmt_misc in a user namespace, whose handlers are its own. Since Linux 6.7. */
const WITH_BINFMT = [
  ...['unshare', '--user', '--map-root-user', '--mount', 'sh', '-ec'],
  'mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc; for line in "$1"; do [ -z "$line" ] || printf %s "$line" >/proc/sys/fs/binfmt_misc/register; done; shift; exec "$@"',
  'sh',
];

const FORMAT = 'Exec format error';
const NO_LINE = '  hint: a script begins with #! and the path of its interpreter\n';
const FIRST_LINE = '  hint: check its first line\n';

const REFUSED = [
  ['a script without #!', { program: 'echo served\n' }, FORMAT, NO_LINE],
  ['an empty file', { program: '' }, FORMAT, NO_LINE],
  ['#! without an interpreter', { program: '#!\n' }, FORMAT, NO_LINE],
  [
    'an interpreter that is not there',
    { program: '#!/no/interpreter\n' },
    'its interpreter /no/interpreter is not an executable file',
    FIRST_LINE,
  ],
  [
    'an interpreter that may not be executed',
    { program: '#!/etc/passwd\n' },
    'its interpreter /etc/passwd is not an executable file',
    FIRST_LINE,
  ],
  [
    'an interpreter that is a script without #!',
    { program: '#!./inner\n', inner: 'echo served\n' },
    `its interpreter ./inner: ${FORMAT}`,
    NO_LINE,
  ],
  [
    'an interpreter whose interpreter is not there',
    { program: '#!./inner\n', inner: '#!/no/interpreter\n' },
    'its interpreter ./inner: its interpreter /no/interpreter is not an executable file',
    FIRST_LINE,
  ],
  [
    'an ELF program whose dynamic loader is not there',
    { program: elfProgram({ interpreter: '/no/loader.so' }) },
    'its interpreter /no/loader.so is not an executable file',
    '  hint: it is linked for a dynamic loader that this system does not have\n',
  ],
] as const;

/**
 * Two launches with one socket that was passed in: of the program, then of one that shows the socket. The second is refused if
 * the first has left a filter, and says `locked` once only if the first has left no lock.
 */
function launchTwice(user: readonly string[], spec: string, directory: string) {
  const launch = `LISTEN_PID=$$ exec ${installed('alfwrapper')} --allow 127.0.0.1`;
  const script = `cd ${directory}; sh -c '${launch} -- ./program'; echo status $?; ${launch} -- ${fixture('sockets')}`;
  return run([...user, fixture('activate'), spec, '--', 'sh', '-c', script]);
}

describeWith(
  ['root', 'bpf'],
  'a program that the kernel cannot execute leaves a socket that was passed in as it was:',
  () => {
    const USERS = [
      ['root', [], 'tcp', 'stream listening'],
      ['root', [], 'udp', 'dgram'],
      ['uid 65534', AS_NOBODY, 'udp', 'dgram'],
    ] as const;

    describe.each(USERS)('%s %j %s', (_, user, spec, kind) => {
      it.each(REFUSED)('%s', async (_name, programs, reason, hint) => {
        const { stdout, stderr } = await launchTwice(user, spec, makePrograms(programs));
        expect(stderr).toBe(`alfwrapper: unable to execute ./program: ${reason}\n${hint}`);
        expect(stdout.replace(/:\d+\n/, ':PORT\n')).toBe(
          `status 126\n3 name0 ${kind} locked 127.0.0.1:PORT\n`,
        );
      });
    });
  },
);

describeWith(['binfmt'], 'handlers of binfmt_misc', () => {
  const launch = (handler: string, directory: string, program: string) =>
    run([
      ...WITH_BINFMT,
      handler,
      ...[installed('alfwrapper'), '--listen', 'udp:127.0.0.1:0', '--allow', 'any'],
      ...['--', join(directory, program)],
    ]);

  it('execute what they are for', async () => {
    const directory = makePrograms({ 'program.alf': 'echo served by $0\n' });
    const { status, stdout, stderr } = await launch(':alf:E::alf::/bin/sh:', directory, 'program.alf');
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: `served by ${directory}/program.alf\n`,
      stderr: '',
    });
  });

  it('leave it to the kernel to refuse the rest', async () => {
    const directory = makePrograms({ program: 'echo served\n' });
    expect(await launch(':alf:E::alf::/bin/sh:', directory, 'program')).toMatchObject({
      status: 126,
      stdout: '',
      stderr: `alfwrapper: unable to execute ${directory}/program: ${FORMAT}\n`,
    });
  });

  it.each([
    ['text', 'echo served\n', NO_LINE],
    ['a binary file', 'MZ\0', NO_LINE],
    [
      'a program of another machine',
      elfProgram({ machine: OTHER_MACHINE }),
      '  hint: it is built for another kind of machine\n',
    ],
  ])('that are none refuse %s', async (_, content, hint) => {
    const directory = makePrograms({ program: content });
    expect(await launch('', directory, 'program')).toMatchObject({
      status: 126,
      stdout: '',
      stderr: `alfwrapper: unable to execute ${directory}/program: ${FORMAT}\n${hint}`,
    });
  });
});

describe('a script whose interpreter is a script', () => {
  it('runs, as the kernel runs it', async () => {
    const directory = makePrograms({ program: '#!./inner\n', inner: '#!/bin/sh\necho "$0" "$1"\n' });
    const words = [installed('alfwrapper'), '--listen', 'udp:127.0.0.1:0', '--allow', 'any', './program'];
    expect(await run(words, { cwd: directory })).toMatchObject({
      status: 0,
      stdout: './inner ./program\n',
      stderr: '',
    });
  });
});

describeWith(['root'], 'a program that may be executed but not read', () => {
  it('runs', async () => {
    const directory = makePrograms({ program: readFileSync('/bin/true') });
    chmodSync(join(directory, 'program'), 0o111);
    const words = [installed('alfwrapper'), '--listen', 'udp:127.0.0.1:0', '--allow', 'any', './program'];
    expect(await run([...AS_NOBODY, ...words], { cwd: directory })).toMatchObject({ status: 0, stderr: '' });
  });
});
