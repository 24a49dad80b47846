import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { OptionSpec } from '../../src/cli/option-spec.js';
import { LAUNCH_OPTIONS } from '../../src/cli/options.js';
import { describeWith } from '../support/requires.js';
import { installed, run } from '../support/run.js';
import { askShell } from '../support/shells.js';

const PROGRAM = ['alpha', 'beta'];

/** Command lines and what has to be among the words that are offered behind them; nothing else if it ends in `!`. */
const CASES: readonly (readonly [line: string, offered: readonly string[], only?: true])[] = [
  ['alfwrapper --tier ', ['auto', 'classic', 'ebpf', 'steer'], true],
  ['alfwrapper -v --tier st', ['steer'], true],
  ['alfwrapper --listen udp:8053 --tie', ['--tier'], true],
  ['alfwrapper -l [::1]:80 --type SOCK_D', ['SOCK_DGRAM'], true],
  ['alfwrapper --allow ', ['any', 'link-local', 'localhost', 'private']],
  ['alfwrapper --allow=private --no-l', ['--no-lock'], true],
  ['alfwrapper --policy ', ['web.rules']],
  ['alfwrapper wh', ['whitelist', 'whitelist-private']],
  ['alfwrapper -v ', ['knocking', 'mine.bpf.o']],
  ['alfwrapper do', ['doctor']],
  // The program, as if it stood alone.
  ['alfwrapper whitelist-private mydaemon al', ['alpha'], true],
  ['alfwrapper --port 80 whitelist mydaemon --flag ', PROGRAM, true],
  ['alfwrapper --allow private,10.0.0.0/8 mydaemon ', PROGRAM, true],
  ['alfwrapper -vl udp:53 --allow private -- mydaemon b', ['beta'], true],
  ['alfwrapper whitelist -- mydaemon ', PROGRAM, true],
  ['alfwrapper --allow private -- setpri', ['setpriv']],
  ['alfwrapper whitelist setpri', ['setpriv']],
  // Commands.
  ['alfwrapper check --proto ud', ['udp', 'udplite'], true],
  ['alfwrapper check --on ', ['lo']],
  ['alfwrapper fmt we', ['web.rules'], true],
  ['alfwrapper completion ', ['bash', 'fish', 'zsh'], true],
  ['alfwrapper explain --tier cl', ['classic'], true],
  ['alfwrapper explain --allow private mydaemon ', PROGRAM, true],
  ['alfwrapper inspect wh', ['whitelist', 'whitelist-private']],
  ['alfwrapper inspect ', ['knocking', 'mine.bpf.o']],
  ['alfwrapper inspect --engine cl', ['clang'], true],
  ['alfwrapper doctor --j', ['--json'], true],
];

describeWith(['shells'], 'completion', () => {
  const inDirectory = () => {
    const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-complete-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    for (const file of ['web.rules', 'mine.bpf.o', 'other']) writeFileSync(join(directory, file), '');
    return directory;
  };

  it.each(['bash', 'zsh', 'fish'] as const)('of %s', async (shell) => {
    const offered = await askShell(
      shell,
      CASES.map(([line]) => line),
      inDirectory(),
    );
    const seen = CASES.map(([line, wanted, only], i) => {
      const words = (offered[i] ?? []).map((word) => word.trim());
      return [line, only ? words.slice(0, 10) : words.filter((word) => wanted.includes(word))];
    });
    expect(seen).toEqual(CASES.map(([line, wanted]) => [line, [...wanted].sort()]));
  });

  it.each(['bash', 'zsh', 'fish'] as const)('of %s offers every option', async (shell) => {
    const [words = []] = await askShell(shell, ['alfwrapper --']);
    const options: readonly OptionSpec[] = LAUNCH_OPTIONS;
    const names = options.map(({ name, default: fallback }) => `--${fallback === true ? 'no-' : ''}${name}`);
    expect(words.map((word) => word.replace(/=$/, ''))).toEqual(expect.arrayContaining(names));
  });

  it('of bash has nothing that shellcheck finds', async () => {
    const check = `${installed('alfwrapper')} completion bash | shellcheck -s bash -`;
    expect(await run(['sh', '-c', check])).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('of bash does without the package that most have', async () => {
    const { stdout } = await run([
      ...['bash', '--norc', '-c'],
      `. <(${installed('alfwrapper')} completion bash)
       COMP_LINE='alfwrapper whitelist setpri' COMP_WORDS=(alfwrapper whitelist setpri) COMP_CWORD=2
       _alfwrapper alfwrapper setpri whitelist; echo "\${COMPREPLY[@]}"`,
    ]);
    expect(stdout).toBe('setpriv\n');
  });

  it.each([
    [[], 'completion takes one shell'],
    [['bash', 'zsh'], 'completion takes one shell'],
    [['csh'], 'no completion for csh'],
  ])('%j is refused', async (words, message) => {
    const { status, stdout, stderr } = await run([installed('alfwrapper'), 'completion', ...words]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe(`alfwrapper: ${message}\n  hint: expected: alfwrapper completion bash|zsh|fish\n`);
  });
});

/** A network with interfaces that are called like commands; each would leave a file. */
const NAMES = ['$(id>p)', '`id>q`'];
const HOSTILE_NETWORK = [
  ...['unshare', '--net', '--mount', 'sh', '-ec'],
  `mount -t sysfs none /sys
   ip link add '${NAMES[0]}' type veth peer name '${NAMES[1]}'
   exec "$@"`,
  'sh',
];

describeWith(['root', 'netns', 'shells'], 'completion never evaluates a name', () => {
  it.each(['bash', 'zsh', 'fish'] as const)('of %s: an interface, a file, what is typed', async (shell) => {
    const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-complete-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const files = ['$(id>r).rules', '`id>s`.rules', 'x$(id>t).bpf.o'];
    for (const file of files) writeFileSync(join(directory, file), '');
    const within = '$(id>v)';
    mkdirSync(join(directory, within));
    writeFileSync(join(directory, within, 'inner'), '');
    const lines = [
      'alfwrapper check --on ',
      'alfwrapper --policy ',
      'alfwrapper inspect x',
      'alfwrapper check --on $(id>u)',
      // As a shell writes the name of the directory; what is typed without quotes is for the shell to expand or not.
      'alfwrapper --policy \\$\\(id\\>v\\)/',
      'alfwrapper "$(id>w)" ',
      'alfwrapper --$(id>x)=',
      'alfwrapper --allow any $(id>y)',
      'alfwrapper whitelist "$(id>z)',
    ];
    const offered = await askShell(shell, lines, directory, HOSTILE_NETWORK);
    const plain = offered.map((words) => words.map((word) => word.replaceAll(/\\(.)/g, '$1')));
    expect(plain[0]).toEqual(expect.arrayContaining(NAMES));
    expect(plain[1]).toEqual(expect.arrayContaining(files.slice(0, 2)));
    expect(plain[2]).toEqual(expect.arrayContaining(files.slice(2)));
    expect(readdirSync(directory).sort()).toEqual([...files, within].sort());
  });

  it('of bash puts such a name into the line with its quotes', async () => {
    const [words = []] = await askShell('bash', ['alfwrapper check --on '], '/', HOSTILE_NETWORK);
    expect(words).toEqual(expect.arrayContaining(['\\$\\(id\\>p\\)', '\\`id\\>q\\`']));
  });
});
