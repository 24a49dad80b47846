import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment, installed, run, start } from './run.js';

/** A shell that completes command lines. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** Behind the words that were offered for one line. */
const END = '--end--';

/** Has the completion write down what it offers; then it is the shell's turn to do with it what it does. */
const SETUP: Readonly<Record<'bash' | 'zsh', (script: string, offered: string) => string>> = {
  bash: (script, offered) => `
    . /usr/share/bash-completion/bash_completion
    . ${script}
    asked() { _alfwrapper "$@"; printf '%s\\n' "\${COMPREPLY[@]}" ${END} >>${offered}; }
    complete -o nosort -F asked alfwrapper
    complete -W 'alpha beta' mydaemon`,
  zsh: (script, offered) => `
    autoload -U compinit; compinit -D -u
    . ${script}
    compadd() {
      local -a hits
      [[ " \${(j: :)@[1,(i)(-|--)]} " == *" -"(O|A|D)" "* ]] || builtin compadd -A hits "$@"
      (( ! $#hits )) || print -rl -- $hits >>${offered}
      builtin compadd "$@"
    }
    asked() { _main_complete "$@"; print -r -- ${END} >>${offered}; }
    zle -C asked complete-word asked; bindkey '^I' asked
    _mydaemon() { _arguments '*:word:(alpha beta)' }; compdef _mydaemon mydaemon`,
};

/** How the shell is started so that it reads that and nothing else of this machine's set-up. */
const START = {
  bash: (setup: string) => `bash --noprofile --rcfile ${setup} -i`,
  zsh: () => 'zsh -d -i',
} as const;

/** What says that the shell reads keys. */
const PROMPT = 'what now? ';

/**
 * Types command lines into a shell on a terminal and presses TAB behind each.
 *
 * @param within what the shell is started by: another network, for one
 * @returns for each line the words the completion offers, sorted
 */
export async function askShell(
  shell: Shell,
  lines: readonly string[],
  cwd = '/',
  within: readonly string[] = [],
): Promise<string[][]> {
  const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-shell-'));
  try {
    const script = join(directory, 'completion');
    const { stdout } = await run([installed('alfwrapper'), 'completion', shell]);
    writeFileSync(script, stdout);
    if (shell === 'fish') return await askFish(script, lines, cwd, within);
    const offered = join(directory, 'offered');
    writeFileSync(offered, '');
    // The name under which zsh looks for it in its directory.
    const setup = join(directory, '.zshrc');
    writeFileSync(setup, `${SETUP[shell](script, offered)}\nPS1='${PROMPT}'\n`);
    await type(START[shell](setup), lines, { cwd, directory, within });
    return readFileSync(offered, 'utf8').split(`${END}\n`).slice(0, -1).map(sorted);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function type(
  shell: string,
  lines: readonly string[],
  { cwd, directory, within }: { cwd: string; directory: string; within: readonly string[] },
) {
  // The terminal of a session of its own: the shell must not meddle with the one of whoever runs the tests.
  const terminal = start([...within, 'setsid', '-w', 'script', '-qec', shell, '/dev/null'], {
    cwd,
    env: cleanEnvironment({ HOME: directory, ZDOTDIR: directory, TERM: 'dumb' }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await terminal.until(new RegExp(PROMPT.replace('?', '\\?')));
  // Ctrl-U throws away what the completion has made of the line.
  terminal.send([...lines.map((line) => `${line}\t\u0015`), 'exit\r'].join(''));
  await terminal.ended();
}

async function askFish(
  script: string,
  lines: readonly string[],
  cwd: string,
  within: readonly string[],
): Promise<string[][]> {
  const asks = lines.map((line) => `complete -C '${line.replaceAll("'", "\\'")}'; echo ${END}`);
  const commands = [`source ${script}`, `complete -c mydaemon -f -a 'alpha beta'`, ...asks].join('\n');
  const { stdout, stderr } = await run([...within, 'fish', '--no-config', '-c', commands], { cwd });
  if (stderr !== '') throw new Error(stderr);
  const offered = stdout.replaceAll(/\t.*$/gm, '').split(`${END}\n`).slice(0, -1);
  return offered.map((text, i) => best(sorted(text), lines[i] ?? ''));
}

/** Since fish 4 words that have the typed letters in order are listed too; they are shown where no word begins with them. */
function best(words: string[], line: string): string[] {
  const typed = line.slice(line.lastIndexOf(' ') + 1);
  const beginning = words.filter((word) => word.startsWith(typed));
  return beginning.length > 0 ? beginning : words;
}

const sorted = (text: string) => [...new Set(text.split('\n').filter((line) => line !== ''))].sort();
