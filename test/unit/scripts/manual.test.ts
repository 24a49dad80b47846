import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { manualPage } from '../../../scripts/manual.js';
import { COMMANDS } from '../../../src/cli/commands/index.js';
import { COMMAND_NAMES, LAUNCH_OPTIONS, SHIPPED_FILTERS } from '../../../src/cli/options.js';
import { describeWith } from '../../support/requires.js';

it('is the manual page in the tree', () => {
  expect(readFileSync('man/alfwrapper.1', 'utf8')).toBe(manualPage());
});

it('has every option, those of the commands too', () => {
  const page = manualPage().replaceAll('\\-', '-');
  for (const { name } of [...LAUNCH_OPTIONS, ...COMMANDS.flatMap(({ options }) => options)])
    expect(page).toContain(`--${name}`);
});

it('has every command, and nothing that nobody filled in', () => {
  expect(COMMANDS.map(({ name }) => name)).toEqual(COMMAND_NAMES);
  for (const name of COMMAND_NAMES) expect(manualPage()).toContain(`.SS alfwrapper ${name} `);
  expect(manualPage()).not.toMatch(/@[A-Z]+@|undefined/);
});

it('names the filters that are there', () => {
  const filters = readdirSync('ebpf').filter((name) => name.endsWith('.c') && name !== 'policy.c');
  expect(filters.map((name) => name.slice(0, -2)).sort()).toEqual([...SHIPPED_FILTERS].sort());
});

describeWith(['man'], 'the manual page', () => {
  it('renders without a warning', () => {
    const render = 'man --warnings=w -l man/alfwrapper.1 >/dev/null';
    const env = { ...process.env, LANG: 'C.UTF-8', MANWIDTH: '100' };
    expect(execFileSync('sh', ['-c', `${render} 2>&1`], { encoding: 'utf8', env })).toBe('');
  });

  it('has nothing that a linter of pages finds', () => {
    expect(execFileSync('mandoc', ['-Tlint', '-Wwarning', 'man/alfwrapper.1'], { encoding: 'utf8' })).toBe(
      '',
    );
  });
});
