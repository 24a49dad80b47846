import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { manualPage } from '../../../scripts/manual.js';
import { LAUNCH_OPTIONS } from '../../../src/cli/options.js';

it('is the manual page in the tree', () => {
  expect(readFileSync('man/alfwrapper.1', 'utf8')).toBe(manualPage());
});

it('has every option', () => {
  const page = manualPage().replaceAll('\\-', '-');
  for (const { name } of LAUNCH_OPTIONS) expect(page).toContain(`--${name}`);
});
