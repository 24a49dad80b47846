import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, run } from '../support/run.js';

const FUNCTION = 'void warned_of(void) { int unused; }\n';
const FILTER = `int filter(void *packet)
{
	int unused;
	return 0;
}
`;

/** A tree with the build rules, whose sources make every compiler warn. */
function makeTree(): string {
  const root = mkdtempSync(join(tmpdir(), 'alfwrapper-warnings-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const file of ['CMakeLists.txt', 'package.json', 'native'])
    cpSync(file, join(root, file), { recursive: true });
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  mkdirSync(join(root, 'ebpf'));
  appendFileSync(join(root, 'native/programs/companion/main.c'), FUNCTION);
  writeFileSync(join(root, 'ebpf/filter.c'), FILTER);
  return root;
}

/** Builds a program and a filter as far as it goes. */
async function build(root: string, environment: Record<string, string>, ...options: readonly string[]) {
  const env = cleanEnvironment(environment);
  const configured = await run(['cmake', '-G', 'Ninja', '-S', root, '-B', join(root, 'tree'), ...options], {
    env,
  });
  expect(configured).toMatchObject({ status: 0 });
  const targets = ['--target', 'alf-companion', 'ebpf', '--', '-k', '0'];
  const { status, stdout, stderr } = await run(['cmake', '--build', join(root, 'tree'), ...targets], { env });
  return {
    status,
    said: stdout + stderr,
    made: ['build/native/alf-companion', 'build/ebpf/filter.bpf.o'].filter((path) =>
      existsSync(join(root, path)),
    ),
  };
}

describeWith(['clang'], 'a warning of a compiler', () => {
  it('ends no build', async () => {
    const { status, said, made } = await build(makeTree(), {});
    expect({ status, made }).toEqual({
      status: 0,
      made: ['build/native/alf-companion', 'build/ebpf/filter.bpf.o'],
    });
    expect(said.match(/warning: unused variable/g)).toHaveLength(2);
  });

  it.each([
    ['in the environment', { ALF_WERROR: 'ON' }, []],
    ['as an option', {}, ['-DALF_WERROR=ON']],
  ])('ends a build with ALF_WERROR=ON %s', async (_, environment, options) => {
    const { status, said, made } = await build(makeTree(), environment, ...options);
    expect({ status, made }).toEqual({ status: 1, made: [] });
    expect(said.match(/error: unused variable/g)).toHaveLength(2);
  });
});
