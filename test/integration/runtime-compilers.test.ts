import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadOps } from '../../src/kernel/index.js';
import { encodePlan, encodeTarget } from '../../src/launch/index.js';
import { makePlan } from '../../src/plan/index.js';
import { describeWith } from '../support/requires.js';
import { makeDirectory } from '../unit/support/directory.js';
import { capabilitiesOf, configOf, filterOf, listenerOf } from '../unit/support/plans.js';

const FLAGS = ['-O2', '-std=c11', '-Wall', '-Wextra', '-Werror'];

/** Flags that link with a shared C library, and with none. */
const LINKING = [{ flags: [] }, { flags: ['-static'] }];

const sourcesOf = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(directory, name));

const SOURCES = ['native/runtime', 'test/native/shared', 'test/native/decode-plan'].flatMap(sourcesOf);

/** A plan with one listener, and a target. */
function input(): Uint8Array {
  const { constants } = loadOps(process.cwd(), process.dlopen).core;
  const plan = makePlan(configOf({ listeners: [listenerOf()] }), filterOf(), capabilitiesOf());
  const context = { constants, changes: [], companion: '/companion' };
  const record = { blockedSignals: 0n, ignoredSignals: 0n, nofileSoft: 1n, nofileHard: 1n, descriptors: [] };
  const path = Buffer.from('/bin/true');
  return Buffer.concat([
    encodePlan(plan, context),
    encodeTarget({ path, argv: [], environment: [], record }),
  ]);
}

/** The kernel's headers in a directory of their own: musl's compiler looks only where musl's headers are. */
function kernelHeaders(): string {
  const directory = makeDirectory();
  const multiarch = execFileSync('cc', ['-print-multiarch'], { encoding: 'utf8' }).trim();
  const asm = `/usr/include/${multiarch}/asm`;
  symlinkSync('/usr/include/linux', join(directory, 'linux'));
  symlinkSync('/usr/include/asm-generic', join(directory, 'asm-generic'));
  symlinkSync(existsSync(asm) ? asm : '/usr/include/asm', join(directory, 'asm'));
  return directory;
}

/** Compiles the runtime and the smallest program that uses it, and runs that. */
function build(compiler: string, flags: readonly string[]): void {
  const program = join(makeDirectory(), 'decode-plan');
  const compiled = spawnSync(compiler, [...FLAGS, ...flags, ...SOURCES, '-o', program], { encoding: 'utf8' });
  expect(compiled).toMatchObject({ status: 0, stderr: '' });
  const { status, stdout } = spawnSync(program, { input: input(), encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '1 listeners, 0 changes, /bin/true\n' });
  const libraries = spawnSync('ldd', [program], { encoding: 'utf8' });
  const isStatic = /not a dynamic executable|statically linked/.test(libraries.stdout + libraries.stderr);
  expect(isStatic).toBe(flags.includes('-static'));
}

describe('the runtime without Node.js', () => {
  it('is built by the compiler of the build', () => build('cc', []));
});

describeWith(['staticLibrary'], 'the runtime without libraries', () => {
  it('is built by the compiler of the build', () => build('cc', ['-static']));
});

describeWith(['clang', 'staticLibrary'], 'the runtime by another compiler', () => {
  it.each(LINKING)('is built by clang $flags', ({ flags }) => build('clang', flags));
});

describeWith(['musl'], 'the runtime with another C library', () => {
  it.each(LINKING)('is built with musl $flags', ({ flags }) =>
    build('musl-gcc', [...flags, '-isystem', kernelHeaders()]),
  );
});
