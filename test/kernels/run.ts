import { writeFileSync } from 'node:fs';
import { renderDocument } from './document.js';
import { checkNames, judge } from './expectations.js';
import { COMPILERS, fetchCompilers } from './lab/compilers.js';
import { LabError } from './lab/failure.js';
import { fetchKernels } from './lab/kernel.js';
import { KERNELS, type KernelName } from './lab/names.js';
import { compileEverywhere, takeObjects } from './lab/objects.js';
import { type Answers, runMatrix, type Task } from './matrix.js';

const USAGE = `npm run test:kernels [-- [--fetch | --short | --doc | --objects DIRECTORY] [NAME…]]

Boots kernels of Debian under qemu and runs the built product on them. NAME: ${KERNELS.join(' ')}; all of them without one.
  --fetch              only bring kernels and compilers into the cache
  --short              only what the tests of every change ask
  --doc                ask everything and write docs/kernels.md
  --objects DIRECTORY  only load its objects (*.o): as root, with CAP_BPF, and with CAP_BPF and CAP_PERFMON`;

const say = (line: string) => console.log(line);

async function main(argv: readonly string[]): Promise<boolean> {
  const { option, directory, kernels } = parse(argv);
  if (option === '--fetch') {
    await fetchKernels(kernels, say);
    await fetchCompilers(COMPILERS, say);
    return true;
  }
  if (option === '--objects')
    return report(await ask('objects', kernels, async () => takeObjects(directory)), 'objects', ['given']);
  const complaints: string[] = [];
  const makeObjects = async () => {
    const compiled = await compileEverywhere(COMPILERS, say);
    for (const { version, complaints: said } of compiled)
      complaints.push(...said.map((text) => `clang ${version}: ${text}`));
    for (const complaint of complaints) say(complaint);
    return compiled.flatMap(({ objects }) => objects);
  };
  const compilers = COMPILERS.map((version) => `clang-${version}`);
  const checks = option === '--short' ? 'short' : 'long';
  const answers = await ask(checks, kernels, makeObjects);
  if (option === '--doc') writeFileSync('docs/kernels.md', renderDocument(answers));
  return report(answers, checks, compilers) && complaints.length === 0;
}

function ask(
  checks: Task['checks'],
  kernels: readonly KernelName[],
  makeObjects: Task['makeObjects'],
): Promise<Answers[]> {
  return runMatrix({ kernels, checks, makeObjects, say });
}

function parse(argv: readonly string[]): {
  option: string | undefined;
  directory: string;
  kernels: KernelName[];
} {
  const [first = '', second = ''] = argv;
  const option = first.startsWith('--') ? first : undefined;
  const directory = option === '--objects' ? second : '';
  const names = argv.slice((option === undefined ? 0 : 1) + (directory === '' ? 0 : 1));
  const known = (name: string): name is KernelName => KERNELS.includes(name as KernelName);
  const unknown = names.find((name) => !known(name));
  if (unknown !== undefined || !['--fetch', '--short', '--doc', '--objects', undefined].includes(option))
    throw new LabError(`unable to find kernel ${unknown ?? option}: there is none of that name`, USAGE);
  return { option, directory, kernels: names.length > 0 ? names.filter(known) : KERNELS };
}

/** @returns whether all was as expected */
function report(answers: readonly Answers[], checks: Task['checks'], compilers: readonly string[]): boolean {
  const verdicts = answers.flatMap((answer) => judge(answer, checkNames(checks, compilers)));
  const wrong = verdicts.filter(({ asExpected }) => !asExpected);
  for (const { line } of wrong) say(`not as expected: ${line}`);
  say(`${verdicts.length - wrong.length} of ${verdicts.length} checks are as expected`);
  return wrong.length === 0;
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  console.error(`test:kernels: ${error.message}\n  hint: ${error.hint}`);
  process.exitCode = 2;
}
