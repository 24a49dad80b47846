import { beforeAll, describe, expect, it } from 'vitest';
import { checkNames, judge, type Verdict } from '../kernels/expectations.js';
import { COMPILERS } from '../kernels/lab/compilers.js';
import { SHORT_KERNELS } from '../kernels/lab/names.js';
import { type Compiled, compileEverywhere } from '../kernels/lab/objects.js';
import { runMatrix } from '../kernels/matrix.js';
import { describeWith } from '../support/requires.js';

const NAMES = checkNames(
  'short',
  COMPILERS.map((version) => `clang-${version}`),
);

/** Ten times what two idle CPUs need: a machine may have more to do. */
const TIMEOUT_MS = 900_000;

describeWith(['kernels'], 'on kernels of Debian', () => {
  let compiled: Compiled[] = [];
  const verdicts = new Map<string, Verdict[]>();

  beforeAll(async () => {
    const say = (line: string) => console.log(line);
    const makeObjects = async () => {
      compiled = await compileEverywhere(COMPILERS, say);
      return compiled.flatMap(({ objects }) => objects);
    };
    const answers = await runMatrix({ kernels: SHORT_KERNELS, checks: 'short', makeObjects, say });
    for (const answer of answers) verdicts.set(answer.kernel.name, judge(answer, NAMES));
  }, TIMEOUT_MS);

  it.each(COMPILERS)('clang %i compiles every filter without a warning', (version) => {
    expect(compiled.find((one) => one.version === version)?.complaints).toEqual([]);
  });

  describe.each(SHORT_KERNELS)('Linux %s', (kernel) => {
    it.each(NAMES)('%s', (name) => {
      const verdict = verdicts.get(kernel)?.find((verdict) => verdict.name === name);
      expect(verdict, verdict?.line).toMatchObject({ asExpected: true });
    });
  });
});
