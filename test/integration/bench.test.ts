import { expect, it } from 'vitest';
import { describeWith } from '../support/requires.js';
import { run } from '../support/run.js';

describeWith(['root', 'bpf'], 'the benchmarks', () => {
  it('run to their end in short mode', async () => {
    const { status, stdout } = await run(['node', '--import', 'tsx', 'bench/run.ts', '--short']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/alfwrapper whitelist-private true .* × node/);
    expect(stdout).toMatch(/policy( +\d.*){5}/);
    expect(stdout).toMatch(/tree 1900 ÷ tree 10: hit/);
    expect(stdout).toMatch(/IPv6 1000 .* \/ /);
  }, 120_000);
});
