import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { elfProgram } from '../support/elf-program.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, installed, run } from '../support/run.js';

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-text-'));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string | Uint8Array, mode = 0o644): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

/** From the root: paths in messages are as short as they can be. */
const alf = (...words: string[]) => run([installed('alfwrapper'), ...words], { cwd: '/' });
const shell = (script: string) =>
  run(['bash', '-c', script], { env: cleanEnvironment({ ALF: installed('alfwrapper'), AT: directory }) });

/** What no output may hold: a terminal would obey it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

/** As few lines as an error with its hint. */
const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

const EVIL = '\u001b[2Jok\nalfwrapper: all is well\u009b\u202e';

describe('text of a stranger reaches no terminal as it is:', () => {
  it.each([
    ['an option', () => alf(`--${EVIL}`)],
    ['a filter', () => alf(`./${EVIL}`, 'true')],
    ['a program', () => alf('--port', '0', '--allow', 'any', '--', `./${EVIL}`)],
    ['a file of rules', () => alf('check', '--policy', `./${EVIL}`, '::1')],
    ['a rule', () => alf('check', '--rule', `allow ${EVIL}`, '::1')],
    ['an address', () => alf('check', '--allow', 'any', EVIL)],
    ['an interface', () => alf('explain', '--listen', '80', '--rule', `allow in on ${EVIL}`)],
    ['a listener', () => alf('--listen', `/run/${EVIL}/x`, '--allow', 'any', 'true')],
    ['a user', () => alf('--user', EVIL, '--allow', 'any', 'true')],
    ['a user and its groups', () => alf('--user', `x:${EVIL}`, '--group', EVIL, '--allow', 'any', 'true')],
    ['an entry', () => alf('--set', `allow4,0,${EVIL}`, 'whitelist', 'true')],
    ['a map', () => alf('--set', `${EVIL},0,1`, 'whitelist', 'true')],
    ['a file of packets', () => alf('try', 'whitelist', '--packets', `./${EVIL}`)],
    [
      'a C file',
      () => alf('inspect', file(`${EVIL.replaceAll('/', '')}.c`, '#include <bpf/x.h>\nint x = y;\n')),
    ],
    [
      'what a C file says',
      () =>
        alf(
          'inspect',
          file('evil.c', `#include <linux/bpf.h>\nSEC("\u001b[2J")\n#error ${'\u001b'}[2J\u009b\n`),
        ),
    ],
  ])('%s', async (_, start) => {
    const { status, stdout, stderr } = await start();
    expect(status).toBeGreaterThan(0);
    expect(stdout + stderr).not.toMatch(CONTROL);
    expect(linesOf(stderr).filter((line) => /^alfwrapper: all is well/.test(line))).toEqual([]);
    expect(linesOf(stderr).length).toBeLessThanOrEqual(2);
  });

  it('a plan, on a terminal and as JSON', async () => {
    const words = ['--port', '0', '--dry-run', '--allow', 'any', '-E', `A=${EVIL}`, '--', 'echo', EVIL];
    const [text, json] = [await alf(...words), await alf('--json', ...words)];
    expect(text.stdout + json.stdout).not.toMatch(CONTROL);
    expect(text.status).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({ target: ['echo', EVIL], environment: [`A=${EVIL}`] });
  });

  it('a program that the kernel refuses to execute', async () => {
    const program = file(`${'\u001b[2J'}\nforged: line`, elfProgram({}), 0o755);
    for (const options of [[], ['--inetd']]) {
      const { status, stdout, stderr } = await alf(
        '--listen',
        '127.0.0.1:0',
        ...options,
        '--allow',
        'any',
        '--',
        program,
      );
      expect({ status, stdout }).toEqual({ status: 126, stdout: '' });
      expect(stderr).not.toMatch(CONTROL);
      expect(stderr).toMatch(
        /^alfwrapper: unable to execute \S+\\x1b\[2J\\x0aforged: line: Exec format error\n$/,
      );
    }
  });
});

describe('what a message quotes is cut:', () => {
  const long = 'x'.repeat(100_000);
  it.each([
    ['an option', () => alf(`--${long}`)],
    ['a filter', () => alf(`./${long}`, 'true')],
    ['a program', () => alf('--port', '0', '--allow', 'any', '--', long)],
    ['a rule', () => alf('check', '--rule', `allow from ${long}!`, '::1')],
    ['an address', () => alf('check', '--allow', 'any', long)],
    ['an entry', () => alf('--set', `allow4,0,${long}`, 'whitelist', 'true')],
    [
      'a line of a list',
      () => alf('check', '--rule', `set x file ${file('long', long)}`, '--rule', 'deny from @x', '::1'),
    ],
    ['a line of entries', () => alf('--set-file', `allow4,${file('long2', long)}`, 'whitelist', 'true')],
  ])('%s', async (_, start) => {
    const { status, stderr } = await start();
    expect(status).toBeGreaterThan(0);
    expect(stderr).toContain(`${'x'.repeat(60)}`);
    expect(stderr).not.toContain('x'.repeat(81));
  });
});

describe('every input is bounded, and the message says by how much:', () => {
  truncateSync(file('holes', ''), 2 ** 30);
  const limit = (mib: number) => `it is larger than ${mib} MiB, which is the limit\n`;
  it.each([
    ['rules', '"$ALF" check --policy /dev/zero ::1', limit(4)],
    ['rules from standard input', '"$ALF" check --policy - ::1 </dev/zero', limit(4)],
    ['rules of a file of holes', '"$ALF" check --policy "$AT/holes" ::1', limit(4)],
    ['rules to format', '"$ALF" fmt /dev/zero', limit(4)],
    ['a list', `"$ALF" check --rule 'set x file /dev/zero' --rule 'deny from @x' ::1`, limit(128)],
    ['entries', '"$ALF" --set-file allow4,/dev/zero whitelist true', limit(16)],
    ['addresses', '"$ALF" check --allow any - </dev/zero', limit(16)],
    ['packets', '"$ALF" try whitelist --packets /dev/zero', limit(16)],
    ['a filter', '"$ALF" inspect "$AT/holes"', limit(64)],
    [
      'lines',
      '"$ALF" check --allow any - < <(yes "" | head -c 2000000)',
      'it has more than 1000000 lines, which is the limit\n',
    ],
    [
      'sockets',
      'LISTEN_FDS=999999999 LISTEN_PID=$$ exec "$ALF" --allow any true',
      'at most 1024 sockets can be passed in\n',
    ],
  ])('%s', async (_, script, expected) => {
    const { status, stderr } = await shell(script);
    expect(status).toBeGreaterThan(0);
    expect(stderr).toContain(expected);
  });

  // As /proc/kcore is one, which not every machine has.
  it('a file of a tebibyte', async () => {
    const path = file('large', '');
    truncateSync(path, 2 ** 40);
    expect((await shell(`"$ALF" check --policy ${path} ::1`)).stderr).toContain(limit(4));
  });

  it.each(['FIFO', 'directory'])('a %s is refused, and nothing waits for it', async (kind) => {
    const path = join(directory, kind);
    execFileSync(kind === 'FIFO' ? 'mkfifo' : 'mkdir', [path]);
    for (const words of [
      ['check', '--policy', path, '::1'],
      ['check', '--rule', `set x file ${path}`, '--rule', 'deny from @x', '::1'],
      ['--set-file', `allow4,${path}`, 'whitelist', 'true'],
      ['try', 'whitelist', '--packets', path],
    ]) {
      const { status, stderr } = await alf(...words);
      expect(status).toBeGreaterThan(0);
      expect(stderr).toContain(`unable to read ${path}: it is a ${kind}`);
    }
    expect((await alf('inspect', path)).stderr).toContain('is not a regular file');
  });

  it('a pipe of the shell is read as a file is', async () => {
    const { status, stdout } = await shell(
      `"$ALF" check --policy <(sleep 0.1; echo 'set x file /dev/fd/4'; echo 'deny from @x') 192.0.2.1 4< <(echo 192.0.2.0/24)`,
    );
    expect([status, stdout]).toEqual([1, '192.0.2.1 deny: deny from @x (/dev/fd/63:2)\n']);
  });
});

describe('what only some may read is not quoted:', () => {
  const secret = () => file('shadow', 'root:SECRET:1:0:99999:7:::\n', 0o600);
  it.each([
    ['as a list', () => alf('check', '--rule', `set x file ${secret()}`, '--rule', 'deny from @x', '::1')],
    ['as rules', () => alf('check', '--policy', secret(), '::1')],
    ['as rules to format', () => alf('fmt', secret())],
    ['as entries', () => alf('--set-file', `allow4,${secret()}`, 'whitelist', 'true')],
    ['as packets', () => alf('try', 'whitelist', '--packets', secret())],
    ['by a launch', () => alf('--port', '0', '--policy', secret(), 'true')],
    ['by explain', () => alf('explain', '--policy', secret(), 'true')],
    [
      'through a link',
      () => {
        symlinkSync(secret(), join(directory, 'link'));
        return alf('check', '--policy', join(directory, 'link'), '::1');
      },
    ],
    [
      'as a list of a list of rules',
      () => alf('check', '--policy', file('outer', `set x file ${secret()}\ndeny from @x\n`), '::1'),
    ],
  ])('%s', async (_, start) => {
    const { status, stdout, stderr } = await start();
    expect(status).toBeGreaterThan(0);
    expect(stdout + stderr).not.toContain('SECRET');
    expect(stdout + stderr).not.toContain('root:');
    expect(stderr).toMatch(/(shadow|link):1(:\d+)?: .*not quoted because the file is not readable to others/);
  });

  it('what everybody may read is', async () => {
    const { stderr } = await alf('check', '--policy', file('public', 'root:SECRET\n'), '::1');
    expect(stderr).toContain('root:SECRET');
  });
});

it('warnings of one kind are told once', async () => {
  const entries = Array.from({ length: 9000 }, (_, i) => `10.${i >> 8}.${i & 255}.1/24`);
  const policy = file('hostbits.rules', `set x {\n${entries.join('\n')}\n}\nallow from @x\n`);
  for (const words of [
    ['check', '--policy', policy, '10.0.0.1'],
    ['explain', '--listen', '80', '--policy', policy],
    ['--dry-run', '--json', '--port', '0', '--policy', policy, 'true'],
  ]) {
    const { status, stderr } = await alf(...words);
    expect(status).toBe(0);
    expect(stderr).toBe(
      `alfwrapper: warning: ${policy}:2: 10.0.0.1/24 has bits set below its prefix length and means 10.0.0.0/24 (the first of 9000 such entries)\n`,
    );
  }
});

describeWith(['root', 'bpf', 'netns'], 'a machine without IPv6', () => {
  const within = (...words: string[]) =>
    run(
      [
        'unshare',
        '--net',
        'sh',
        '-c',
        'ip link set lo up; exec "$@"',
        'sh',
        installed('alfwrapper'),
        ...words,
      ],
      {
        env: cleanEnvironment({ LD_PRELOAD: installed('fixtures/no-ipv6.so') }),
      },
    );

  it('has listeners of IPv4 where no address is written, and a line says so', async () => {
    const { status, stdout, stderr } = await within('--listen', '5240', '--allow', 'any', 'echo', 'hi');
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'hi\n' });
    expect(stderr).toBe(
      'alfwrapper: warning: tcp 0.0.0.0:5240: IPv4 only, because this kernel has no IPv6\n',
    );
  });

  it('refuses an address of IPv6 with a hint that can be followed', async () => {
    const { status, stderr } = await within('--listen', '[::]:5240', '--allow', '::1', 'true');
    expect(status).toBe(125);
    expect(stderr).toMatch(/\(EAFNOSUPPORT\)\n {2}hint: .*listen on IPv4 \(0\.0\.0\.0\)/);
    expect((await within('--listen', '0.0.0.0:5240', '--allow', '127.0.0.1', 'true')).status).toBe(0);
  });
});

it('npm start says what the example of the README lacks', async () => {
  const root = mkdtempSync(join(directory, 'start-'));
  execFileSync('mkdir', ['-p', join(root, 'scripts'), join(root, 'bin')]);
  writeFileSync(join(root, 'scripts/start.sh'), readFileSync(installed('scripts/start.sh')));
  writeFileSync(join(root, 'alfwrapper'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  for (const program of ['sh', 'dirname', 'env', 'id'])
    symlinkSync(execFileSync('which', [program], { encoding: 'utf8' }).trim(), join(root, 'bin', program));
  const start = (...words: string[]) =>
    run(['/bin/sh', join(root, 'scripts/start.sh'), ...words], { env: { PATH: join(root, 'bin') } });
  const { stdout, stderr } = await start();
  expect(stdout).toBe('--address :: --port 4242 ebpf/whitelist-private.c scripts/echod.sh\n');
  expect(stderr).toMatch(/^start: the README's clients use ncat, which is not installed/);
  expect(await start('whitelist', 'true')).toMatchObject({ stdout: 'whitelist true\n', stderr: '' });
  symlinkSync('/bin/true', join(root, 'bin/ncat'));
  expect((await start()).stderr).toBe('');
});
