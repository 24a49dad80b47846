import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, installed, run } from '../support/run.js';

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-unit-'));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));
const units = join(directory, 'units');
const etc = join(directory, 'etc');

/** In its place, so that no setting of a unit hides it. */
const ALFWRAPPER = '/opt/alfwrapper/alfwrapper';

const put = (path: string, text: string) => {
  const file = join(units, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
};

const MOUNTS =
  'mount --bind "$0" /etc/systemd/system; mount -t tmpfs opt /opt; mkdir /opt/alfwrapper; mount --bind "$1" /opt/alfwrapper; shift';

/** Runs the command where `etc` is the administrator's directory. */
async function unit(...words: string[]) {
  const command = [
    'unshare',
    '--mount',
    'sh',
    '-ec',
    `${MOUNTS}; "$@"`,
    etc,
    installed(''),
    ALFWRAPPER,
    'unit',
    ...words,
  ];
  const env = cleanEnvironment({ SYSTEMD_UNIT_PATH: `/etc/systemd/system:${units}` });
  const { status, stdout, stderr } = await run(command, { env, cwd: directory });
  return { status, stdout, stderr };
}

const DROP_IN = '50-alfwrapper.conf';
const COMMANDS = 'to apply it, run:\n  systemctl daemon-reload\n  systemctl restart a.service\n';

describeWith(['root'], 'alfwrapper unit', () => {
  beforeEach(() => {
    for (const path of [units, etc]) {
      rmSync(path, { recursive: true, force: true });
      mkdirSync(path);
    }
    put('a.service', '[Service]\nExecStart=/usr/bin/a -b\n');
  });

  const refused = (line: string, hint?: string, status = 1) => ({
    status,
    stdout: '',
    stderr: `alfwrapper: ${line}\n${hint === undefined ? '' : `  hint: ${hint}\n`}`,
  });

  it('prints the drop-in, and changes nothing', async () => {
    const { status, stdout, stderr } = await unit('a', '--allow', 'private');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      /^# .*\n# .*\n\n\[Service\]\nExecStart=\nExecStart=\/opt\/alfwrapper\/alfwrapper --allow private -- \/usr\/bin\/a -b\n$/,
    );
    expect(readdirSync(etc)).toEqual([]);
  });

  it('prints JSON', async () => {
    put('a.service.d/10-x.conf', '[Service]\nUser=nobody\n');
    const { stdout } = await unit('a.service', '--allow', 'private', '--json');
    expect(JSON.parse(stdout)).toEqual({
      unit: 'a.service',
      files: [join(units, 'a.service'), join(units, 'a.service.d/10-x.conf')],
      path: `/etc/systemd/system/a.service.d/${DROP_IN}`,
      text: expect.stringContaining('\nExecStart=\n'),
      installed: false,
      warnings: [expect.stringMatching(/^a\.service: the service has no CAP_BPF: /)],
      commands: ['systemctl daemon-reload', 'systemctl restart a.service'],
    });
  });

  it('passes options on so that they mean the same there', async () => {
    writeFileSync(join(directory, 'web.rules'), 'allow from private\n');
    const words = [
      '--policy',
      'web.rules',
      '--rule',
      'deny from 10.0.0.0/8',
      '--tier=ebpf',
      '--no-lock',
      '-q',
    ];
    const { stdout } = await unit('a', ...words);
    expect(stdout).toContain(
      `alfwrapper --policy ${directory}/web.rules --rule "deny from 10.0.0.0/8" --tier ebpf --no-lock --quiet -- /usr/bin/a -b\n`,
    );
  });

  it('takes a filter in place of rules', async () => {
    writeFileSync(join(directory, 'mine.c'), '');
    expect((await unit('a', 'whitelist-private')).stdout).toContain(
      'alfwrapper whitelist-private -- /usr/bin/a -b\n',
    );
    expect((await unit('a', './mine.c')).stdout).toContain(
      `alfwrapper ${directory}/mine.c -- /usr/bin/a -b\n`,
    );
  });

  it('installs, replaces its own file and removes it', async () => {
    const path = join(etc, 'a.service.d', DROP_IN);
    const wrote = {
      status: 0,
      stdout: `wrote /etc/systemd/system/a.service.d/${DROP_IN}\n${COMMANDS}`,
      stderr: '',
    };
    expect(await unit('a', '--allow', 'private', '--install')).toEqual(wrote);
    const first = readFileSync(path, 'utf8');
    expect(statSync(path).mode & 0o7777).toBe(0o644);
    expect(await unit('a', '--allow', 'private', '--install')).toEqual(wrote);
    expect(readFileSync(path, 'utf8')).toBe(first);
    expect(await unit('a', '--allow', '10.0.0.0/8', '--install')).toEqual(wrote);
    expect(readFileSync(path, 'utf8')).toBe(first.replace('private', '10.0.0.0/8'));
    expect(readdirSync(join(etc, 'a.service.d'))).toEqual([DROP_IN]);
    const removed = { ...wrote, stdout: `removed /etc/systemd/system/a.service.d/${DROP_IN}\n${COMMANDS}` };
    expect(await unit('a', '--remove')).toEqual(removed);
    expect(readdirSync(etc)).toEqual([]);
    expect(await unit('a', '--remove')).toEqual(
      refused(`unable to remove /etc/systemd/system/a.service.d/${DROP_IN}: there is no such file (ENOENT)`),
    );
  });

  it.each([
    ['that was there', false, []],
    ['that has another file meanwhile', true, ['x.conf']],
  ])('keeps a directory %s', async (_, later, left) => {
    const place = join(etc, 'a.service.d');
    if (!later) mkdirSync(place);
    expect(await unit('a', '--allow', 'private', '--install')).toMatchObject({ status: 0 });
    if (later) writeFileSync(join(place, 'x.conf'), '');
    expect(await unit('a', '--remove')).toMatchObject({ status: 0 });
    expect(readdirSync(place)).toEqual(left);
  });

  it.each([['--allow', 'private', '--install'], ['--remove']])(
    'never touches a file of another origin: %s',
    async (...words) => {
      const path = join(etc, 'a.service.d', DROP_IN);
      mkdirSync(join(path, '..'));
      writeFileSync(path, '[Service]\nNice=5\n');
      expect(await unit('a', ...words)).toEqual(
        refused(
          `unable to replace /etc/systemd/system/a.service.d/${DROP_IN}: it was not written by this command`,
          'rename it; drop-ins are read in the order of their names',
        ),
      );
      expect(readFileSync(path, 'utf8')).toBe('[Service]\nNice=5\n');
    },
  );

  it('finds instances, aliases and drop-ins of every kind', async () => {
    put('b@.service', '[Service]\nExecStart=/usr/bin/b %i\n');
    put('b@.service.d/1.conf', '[Service]\nExecStart=\nExecStart=/usr/bin/b -1 %i\n');
    put('service.d/2.conf', '[Service]\nPrivateNetwork=yes\n');
    symlinkSync('b@.service', join(units, 'c@.service'));
    const { stdout } = await unit('c@x', '--allow', 'private', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      unit: 'b@x.service',
      files: ['b@.service', 'b@.service.d/1.conf', 'service.d/2.conf'].map((name) => join(units, name)),
      text: expect.stringContaining('-- /usr/bin/b -1 %i\n'),
    });
  });

  it('reads the file that a path names', async () => {
    writeFileSync(join(directory, 'd.service'), '[Service]\nExecStart=/usr/bin/d\n');
    expect((await unit('./d.service', '--allow', 'private')).stdout).toContain('-- /usr/bin/d\n');
  });

  it('warns of sockets that accept connections', async () => {
    put('a.socket', '[Socket]\nListenStream=22\nAccept=yes\n');
    const { status, stderr } = await unit('a', '--allow', 'private');
    expect(status).toBe(0);
    expect(stderr).toMatch(/^alfwrapper: warning: a\.service: a\.socket accepts connections /);
  });

  it('refuses a masked unit', async () => {
    symlinkSync('/dev/null', join(etc, 'a.service'));
    expect(await unit('a', '--allow', 'private')).toEqual(
      refused('unable to wrap a.service: it is masked', 'see: systemctl unmask a.service'),
    );
  });

  it('refuses a unit in whose PATH there is no node', async () => {
    put('a.service.d/1.conf', '[Service]\nEnvironment=PATH=/nonexistent\n');
    expect(await unit('a', '--allow', 'private')).toEqual(
      refused(
        'unable to wrap a.service: no directory of its PATH has node',
        'install Node.js in one of /nonexistent, or set Environment=PATH= in the unit',
      ),
    );
  });

  it('names the instances of a service that starts nothing', async () => {
    put('a.service', '[Service]\nType=oneshot\nExecStart=/bin/true\n');
    put('a@.service', '[Unit]\nPartOf=a.service\n[Service]\nExecStart=/usr/bin/a %i\n');
    expect(await unit('a', '--allow', 'private')).toEqual(
      refused(
        'unable to wrap a.service: it starts nothing but true',
        'give the service that starts the program: a@.service',
      ),
    );
  });

  const EXPECTED = 'expected: alfwrapper unit NAME.service [options] [rules | filter]';

  it.each([
    [[], 'no unit given', EXPECTED, 2],
    [['a'], 'no rules and no filter given', EXPECTED, 2],
    [
      ['a', '--allow', 'private', 'a'],
      'unit does not take the word a: its ExecStart= has the program',
      EXPECTED,
      2,
    ],
    [
      ['a', '--remove', '--allow', 'private'],
      'option --remove takes the name of a unit and no other options',
      EXPECTED,
      2,
    ],
    [
      ['a', '--policy', '-'],
      'a unit has no rules on standard input: --policy takes a file here',
      EXPECTED,
      2,
    ],
    [['a', '--allow', 'private', '--user', 'b'], 'unknown option --user', 'see: alfwrapper --help', 2],
    [
      ['a.socket', '--allow', 'private'],
      'a.socket does not name a service',
      'expected NAME.service or NAME@INSTANCE.service; a socket or timer starts a service of its own',
      2,
    ],
    [
      ['b', '--allow', 'private'],
      'unable to find b.service: no directory of units has it',
      'give the path of its file, or see: systemctl list-unit-files',
      1,
    ],
  ])('rejects %j', async (words, line, hint, status) => {
    expect(await unit(...words)).toEqual(refused(line, hint, status));
  });

  it('rejects rules with a mistake before it writes', async () => {
    const { status, stderr } = await unit('a', '--allow', 'nonsense/', '--install');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^alfwrapper: --allow:1:/);
    expect(readdirSync(etc)).toEqual([]);
  });

  it('needs root to install', async () => {
    const as = ['setpriv', '--reuid', '65534', '--clear-groups'];
    const { status, stdout, stderr } = await run(
      [...as, installed('alfwrapper'), 'unit', 'a', '--allow', 'private', '--install'],
      { env: cleanEnvironment({ SYSTEMD_UNIT_PATH: units }) },
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(
      `alfwrapper: unable to write /etc/systemd/system/a.service.d/${DROP_IN}: permission denied (EACCES)\n  hint: run as root\n`,
    );
  });
});
