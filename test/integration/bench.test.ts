import { expect, it } from 'vitest';
import { describeWith } from '../support/requires.js';
import { run } from '../support/run.js';

describeWith(['root', 'bpf'], 'the benchmarks', () => {
  it('run to their end in short mode', async () => {
    const { status, stdout } = await run(['node', '--import', 'tsx', 'bench/run.ts', '--short']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/alfwrapper whitelist-private true .* × node/);
  }, 120_000);
});
