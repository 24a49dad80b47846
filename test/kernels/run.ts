import { COMPILERS } from './lab/compilers.js';
import { LabError } from './lab/failure.js';
import { KERNELS, type KernelName } from './lab/names.js';
import { compileEverywhere, takeObjects } from './lab/objects.js';
import { type Answers, runMatrix, type Task } from './matrix.js';

const USAGE = `npm run test:kernels [-- [--short] [--objects DIRECTORY] NAME…]

Boots kernels of Debian under qemu and runs the built product on them. NAME: ${KERNELS.join(' ')}; all of them without one.
  --short              only what the tests of every change ask
  --objects DIRECTORY  only load its objects (*.o) as root, with CAP_BPF, and with CAP_BPF and CAP_PERFMON`;

async function main(argv: readonly string[]): Promise<number> {
  const say = (line: string) => console.log(line);
  const names = argv.filter((word) => !word.startsWith('--') && argv[argv.indexOf(word) - 1] !== '--objects');
  const unknown = names.find((name) => !KERNELS.includes(name as KernelName));
  if (unknown !== undefined) {
    console.error(`unable to find kernel ${unknown}\n${USAGE}`);
    return 2;
  }
  const directory = argv.includes('--objects') ? argv[argv.indexOf('--objects') + 1] : undefined;
  const task: Task = {
    kernels: names.length > 0 ? (names as KernelName[]) : KERNELS,
    checks: directory !== undefined ? 'objects' : argv.includes('--short') ? 'short' : 'long',
    objects: directory !== undefined ? takeObjects(directory) : await compileEverywhere(COMPILERS, say),
    accelerator: 'tcg',
    say,
  };
  const answers = await runMatrix(task);
  return answers.every((answer) => isWell(answer)) ? 0 : 1;
}

function isWell({ failure, results, kernel, console: lines }: Answers): boolean {
  if (failure !== undefined) console.error(`${kernel.name}: ${failure}\n${lines.slice(-20).join('\n')}`);
  return failure === undefined && results.length > 0 && results.every(({ outcome }) => outcome === 'ok');
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  console.error(`${error.message}\n  hint: ${error.hint}`);
  process.exitCode = 1;
}
