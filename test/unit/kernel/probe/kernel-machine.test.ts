import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { kernelMachine } from '../../../../src/kernel/probe/kernel-machine.js';

it('is the machine of the kernel, whatever personality says', () => {
  const code = "import('./src/kernel/probe/kernel-machine.ts').then((it) => console.log(it.kernelMachine()))";
  const node = [process.execPath, '--import', 'tsx', '--eval', code];
  expect(execFileSync('setarch', ['linux32', ...node], { encoding: 'utf8' })).toBe(`${kernelMachine()}\n`);
  expect(execFileSync('setarch', ['linux32', 'uname', '-m'], { encoding: 'utf8' })).not.toBe(
    `${kernelMachine()}\n`,
  );
});
