import { LACKS } from './expectations.js';
import { CLOCK_RATE } from './lab/boot.js';
import type { Answers, Result } from './matrix.js';
import { rulesLoadMs } from './rules-load.js';

/** The page above its table. */
const BEFORE = `# Kernels

What works on the kernels of Debian 11 to sid. \`npm run test:kernels -- --doc\` boots each of them, runs some sixty checks
and writes this page. Every test run repeats some of the checks on the more recent kernels.

`;

const AFTER = `
- **ebpf**: whether tier \`ebpf\` enforces rules for root, for a user with CAP_BPF alone, and with CAP_PERFMON too.
- **ordinary user**: the tiers that \`--tier auto\` selects without any privilege, on TCP and on UDP.
- **in place**: packets are read without a copy, since Linux 6.2. Where they are copied, a packet costs more.
- **10,000 prefixes**: whether they load on \`ebpf\`.
- **steer, classic**: how many IPv4 prefixes fit. Before Linux 6.6 \`net.core.optmem_max\` allows fewer.
- **load**: milliseconds to load the program for rules, as root, on an emulated processor of ${CLOCK_RATE / 1e6} million instructions a
  second. The value is reproducible to a few percent. Linux 7.1 and later take three times as long as 6.18. Before they verify
  the program, \`bpf_compute_subprog_arg_access\` visits each instruction at least twice, and joins 11 registers and 64 stack
  slots each time.
- **rt** is the real-time kernel. Debian no longer has the modules of 6.19, so it is tested on loopback only.
`;

const MISSING = `
## Missing

`;

/** The head of the table of missing features. */
export const LACKS_HEAD = '| Missing | on | because | available since |';

const COLUMNS: Readonly<Record<string, (answers: Answers) => string>> = {
  Linux: ({ kernel }) => kernel.release,
  'ebpf: root': (answers) => sign(answers, 'ebpf, root'),
  CAP_BPF: (answers) => sign(answers, 'ebpf, CAP_BPF alone'),
  '+ CAP_PERFMON': (answers) => sign(answers, 'ebpf, CAP_BPF and CAP_PERFMON'),
  'ordinary user': (answers) =>
    detailOf(answers, 'doctor names what auto takes, nobody')
      .replace(' on TCP, ', ', ')
      .replace(' on UDP', ''),
  'in place': (answers) => sign(answers, 'packets are read in place'),
  '10,000 prefixes': (answers) => sign(answers, 'ebpf, 10,000 prefixes'),
  'steer, classic': (answers) => detailOf(answers, 'prefixes that fit on steer').replace(' prefixes', ''),
  load: loadTime,
};

/** Returns the page, with one row for each kernel. */
export function renderDocument(answers: readonly Answers[]): string {
  const names = Object.keys(COLUMNS);
  const rows = answers.map((answer) => Object.values(COLUMNS).map((cell) => cell(answer)));
  const lines = [names, names.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${BEFORE}${lines.join('\n')}\n${AFTER}${MISSING}${renderLacks(answers)}`;
}

/** Returns the table of missing features, with the kernels that lacked them in this run. */
function renderLacks(answers: readonly Answers[]): string {
  const rows = LACKS.flatMap(({ checks, missing, because, since, kernels: expected }) => {
    const refused = ({ kernel, results }: Answers) =>
      expected.includes(kernel.name) &&
      results.some(({ name, outcome }) => checks.test(name) && outcome === 'NO');
    const names = answers.filter(refused).map(({ kernel }) => kernel.name);
    return names.length === 0 ? [] : [`| ${missing} | ${names.join(', ')} | ${because} | ${since} |\n`];
  });
  return `${LACKS_HEAD}\n| --- | --- | --- | --- |\n${rows.join('')}`;
}

/** Matches a row of the table. */
export const ROW =
  /^\| \d+\.\d+\.\d+\S*-(cloud|rt)-amd64 \|( (yes|no) \|){3} (\w+, \w+|–) \|( (yes|no) \|){2} (\d+|–) \| (\d+|–) \|$/;

/** The head of the table. */
export const HEAD = `| ${Object.keys(COLUMNS).join(' | ')} |`;

function resultOf({ results }: Answers, name: string): Result | undefined {
  return results.find((result) => result.name === name);
}

function sign(answers: Answers, name: string): string {
  return resultOf(answers, name)?.outcome === 'ok' ? 'yes' : 'no';
}

function detailOf(answers: Answers, name: string): string {
  const result = resultOf(answers, name);
  return result?.outcome === 'ok' ? result.detail : '–';
}

function loadTime(answers: Answers): string {
  const ms = rulesLoadMs(answers);
  return ms === undefined ? '–' : String(Math.round(ms));
}
