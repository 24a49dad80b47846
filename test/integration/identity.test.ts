import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, fixture, installed, run } from '../support/run.js';
import { observe } from '../support/state.js';
import { AS_NOBODY } from '../support/users.js';

const ENV = cleanEnvironment({ HOME: '/root', USER: 'root', LOGNAME: 'root', SHELL: '/bin/sh' });
const LISTEN = ['--listen', '127.0.0.1:0', '--allow', 'localhost'];

const wrapped = (...options: string[]) => [installed('alfwrapper'), ...LISTEN, ...options, '--'];

/** The same in the words of others. */
const setpriv = (...options: string[]) => ['setpriv', ...options];
const WITHOUT_CAPABILITIES = ['--bounding-set', '-all', '--inh-caps', '-all'];
const NOBODY = setpriv('--reuid', '65534', '--regid', '65534', '--groups', '65534', ...WITHOUT_CAPABILITIES);
const variables = (home: string, name: string) => [
  'env',
  ...[`HOME=${home}`, `USER=${name}`, `LOGNAME=${name}`, 'SHELL=/usr/sbin/nologin'],
];

const LISTENER = [
  'env LISTEN_FDNAMES=tcp-0',
  'env LISTEN_FDS=1',
  expect.stringMatching(/^env LISTEN_PID=\d+$/),
  expect.stringMatching(/^env LISTEN_PIDFDID=\d+$/),
  'fd 3 mode 140777 status 2 flags 0',
];

/** A group database in which nobody is a member of two groups more, for whoever starts behind it. */
function withGroups(): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-groups-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'group');
  writeFileSync(file, `${readFileSync('/etc/group', 'utf8')}alf1:x:70001:nobody\nalf2:x:70002:root,nobody\n`);
  const mounting = 'mount --bind "$0" /etc/group; exec "$@"';
  return ['unshare', '--mount', 'sh', '-c', mounting, file];
}

describeWith(['root', 'bpf'], 'the identity of the target', () => {
  it.each([
    ['--user nobody', ['--user', 'nobody'], [...variables('/nonexistent', 'nobody'), ...NOBODY]],
    ['--user as a number', ['--user', '65534'], [...variables('/nonexistent', 'nobody'), ...NOBODY]],
    [
      '--user without an entry',
      ['--user', '70000:70001'],
      [
        ...['env', '-u', 'HOME', '-u', 'USER', '-u', 'LOGNAME', '-u', 'SHELL'],
        ...setpriv('--reuid', '70000', '--regid', '70001', '--clear-groups', ...WITHOUT_CAPABILITIES),
      ],
    ],
    [
      '--user and variables of that name',
      ['--user', 'nobody', '--setenv', 'HOME=/srv', '-E', 'SHELL=/bin/sh'],
      ['env', 'HOME=/srv', 'USER=nobody', 'LOGNAME=nobody', 'SHELL=/bin/sh', ...NOBODY],
    ],
    ['--group alone', ['--group', '4'], setpriv('--regid', '4', '--clear-groups')],
    ['--umask', ['--umask', '027'], ['sh', '-c', 'umask 027; exec "$0" "$@"']],
    ['--chdir', ['--chdir', '/'], ['env', '-C', '/']],
    ['--no-new-privs', ['--no-new-privs'], setpriv('--no-new-privs')],
    ['--drop-caps', ['--drop-caps'], setpriv(...WITHOUT_CAPABILITIES)],
    [
      'everything at once',
      ['--user', 'daemon:4', '--umask', '77', '--chdir', '/dev', '--no-new-privs', '--drop-caps'],
      [
        ...['sh', '-c', 'umask 77; exec "$0" "$@"'],
        ...['env', '-C', '/dev', ...variables('/usr/sbin', 'daemon').slice(1)],
        ...setpriv(
          '--reuid',
          '1',
          '--regid',
          '4',
          '--groups',
          '4',
          '--no-new-privs',
          ...WITHOUT_CAPABILITIES,
        ),
      ],
    ],
  ])('with %s is what others make of it', async (_, options, others) => {
    const [direct, ours] = [await observe(others, ENV), await observe(wrapped(...options), ENV)];
    const lost = direct.filter((line) => !ours.includes(line));
    const gained = ours.filter((line) => !direct.includes(line)).sort();
    expect({ lost, gained }).toEqual({ lost: [], gained: LISTENER });
  });

  it('has the groups of the user', async () => {
    const before = withGroups();
    const groups = async (...options: string[]) =>
      (await observe([...before, ...wrapped(...options)])).find((line) => line.startsWith('status Groups'));
    expect(await groups('--user', 'nobody')).toBe('status Groups:\t65534 70001 70002 ');
    expect(await groups('--user', 'nobody:alf2')).toBe('status Groups:\t70001 70002 ');
    expect(await groups('--user', 'nobody', '--group', '5')).toBe('status Groups:\t5 70001 70002 ');
    expect(await groups('--group', 'alf1')).toBe('status Groups:\t ');
  });

  it('is reached in the order of the plan, on the thread that execs, behind the sockets', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-order-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const log = join(directory, 'log');
    const calls = 'setgroups,setresgid,setresuid,capset,umask,chdir,bind,listen,execve,prctl';
    const options = ['--user', 'nobody', '--umask', '27', '--chdir', '/', '--no-new-privs'];
    // Without -f: what other threads do is not the target's.
    const strace = ['strace', '-o', log, '-e', `trace=${calls}`, '-e', 'signal=none'];
    await run([...strace, ...wrapped('--tier', 'ebpf', ...options), 'true']);
    const lines = readFileSync(log, 'utf8').split('\n');
    const from = lines.findIndex((line) => line.startsWith('listen('));
    const order = lines.slice(from).map((line) => /^\w+\(PR_[A-Z_]+|^\w+/.exec(line)?.[0] ?? '');
    const distinct = order.filter((call, i) => call !== order[i - 1]);
    expect(distinct.slice(0, 10)).toEqual([
      ...[
        'listen',
        'setgroups',
        'setresgid',
        'prctl(PR_CAPBSET_DROP',
        'setresuid',
        'capset',
        'umask',
        'chdir',
      ],
      ...['prctl(PR_SET_NO_NEW_PRIVS', 'execve'],
    ]);
  });
});

describeWith(['root', 'bpf', 'userns'], 'an identity that cannot be had', () => {
  /** A directory only root can look into, with a program, and one anybody can. */
  function directories() {
    const root = mkdtempSync(join(tmpdir(), 'alfwrapper-closed-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    chmodSync(root, 0o755);
    mkdirSync(join(root, 'closed'), { mode: 0o700 });
    mkdirSync(join(root, 'open'), { mode: 0o755 });
    for (const [file, mode] of [
      ['closed/program', 0o755],
      ['open/program', 0o755],
      ['open/rooted', 0o700],
    ] as const) {
      writeFileSync(join(root, file), '#!/bin/sh\necho running\n');
      chmodSync(join(root, file), mode);
    }
    return root;
  }

  const nothing = (code: number, line: string, hint?: string) => ({
    status: code,
    stdout: '',
    stderr: `alfwrapper: ${line}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`,
  });
  const NOWHERE = 'a name with a slash is taken as a path';

  it.each([
    ['./program', 'open', 0, undefined],
    ['open/program', '.', 0, undefined],
    ['./program', 'closed', 125, 'unable to change to DIR/closed: permission denied (EACCES)'],
    ['./program', 'none', 125, 'unable to change to DIR/none: no such file or directory (ENOENT)'],
    ['./none', 'open', 127, 'unable to find program ./none'],
    ['./rooted', 'open', 126, 'unable to execute ./rooted: permission denied (EACCES)'],
    ['./closed/program', '.', 126, 'unable to execute ./closed/program: permission denied (EACCES)'],
  ])(
    '%s in %s: the program is looked for by its user, from its directory',
    async (name, place, status, line) => {
      const root = directories();
      const command = [...wrapped('--user', 'nobody', '--chdir', join(root, place)), name];
      const result = await run(command);
      expect({ ...result, stderr: result.stderr.replaceAll(root, 'DIR').split('\n  hint')[0] }).toMatchObject(
        {
          status,
          stdout: status === 0 ? 'running\n' : '',
          stderr:
            line === undefined
              ? ''
              : expect.stringMatching(`^alfwrapper: ${line.replace(/[()]/g, '\\$&')}\\n?$`),
        },
      );
    },
  );

  it.each([
    [
      'a user nobody has',
      [],
      ['--user', 'wwww'],
      'no such user: wwww',
      'see: getent passwd; a number needs no entry',
    ],
    [
      'somebody without capabilities',
      AS_NOBODY,
      ['--user', 'daemon'],
      'unable to set the group: it needs CAP_SETGID (EPERM)',
      'run as root, or leave --user and --group out',
    ],
    [
      'CAP_SETGID without CAP_SETUID',
      setpriv('--bounding-set', '-setuid'),
      ['--user', 'daemon'],
      'unable to set the user: it needs CAP_SETUID (EPERM)',
      'run as root, or leave --user and --group out',
    ],
    [
      'a bounding set that stays',
      setpriv('--bounding-set', '-setpcap'),
      ['--drop-caps'],
      'unable to drop all capabilities: the bounding set can only be lowered with CAP_SETPCAP (EPERM)',
      'run as root, or keep the program from gaining any with --no-new-privs instead',
    ],
    [
      'a user namespace that forbids setgroups(2)',
      ['unshare', '--user', '--map-root-user'],
      ['--tier', 'steer', '--user', 'root'],
      'unable to set the supplementary groups to 0: operation not permitted (EPERM)',
      'it needs CAP_SETGID, and a user namespace that allows setgroups(2)',
    ],
  ])('%s: one line, and nothing runs', async (_, before, options, line, hint) => {
    expect(await run([...before, ...wrapped(...options), 'echo', 'running'])).toMatchObject(
      nothing(125, line, hint),
    );
  });

  it('of a program that is not there is found out before anything is done, if nobody else is to run it', async () => {
    const { status, stderr } = await run([installed('alfwrapper'), '-v', ...LISTEN, '--', './none']);
    expect({ status, stderr }).toEqual({
      status: 127,
      stderr: `alfwrapper: unable to find program ./none\n  hint: ${NOWHERE}\n`,
    });
  });

  it('is shown by a dry run and explained to everybody', async () => {
    const options = ['--tier', 'steer', '--user', 'daemon:4', '--umask', '27'];
    const shown = 'set the supplementary groups to 4\nset the group to 4\n';
    const dry = await run([...wrapped('--dry-run', ...options), 'true']);
    expect(dry.stdout).toContain(`${shown}empty the bounding set of capabilities\nset the user to 1\n`);
    const explained = [installed('alfwrapper'), 'explain', ...LISTEN, ...options, 'true'];
    expect((await run([...AS_NOBODY, ...explained])).stdout).toContain(`${shown}set the user to 1\n`);
  });

  it('is said by -v, step by step', async () => {
    const { stderr } = await run([...wrapped('-v', '--user', '70000:70001'), fixture('state'), '/dev/null']);
    expect(stderr).toMatch(
      /\nalfwrapper: leave all groups\nalfwrapper: set the group to 70001\n.*\nalfwrapper: set the user to 70000\n/,
    );
  });
});
