import { expect, it } from 'vitest';
import { describeWith } from '../support/requires.js';
import { run } from '../support/run.js';

describeWith(['root', 'bpf', 'netns', 'nft'], 'the benchmarks', () => {
  it('run to their end in short mode', async () => {
    const { status, stdout, stderr } = await run(['node', '--import', 'tsx', 'bench/run.ts', '--short']);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}steer, 10 rules +\d.* ms, \d.* × \(.*\) +\d.* MiB$/m);
    expect(stdout).toMatch(/policy( +\d.*){5}/);
    expect(stdout).toMatch(/^ {2}above no filter( +\d+\.\d+ ×){3}$/m);
    expect(stdout).toMatch(/^ {2}trie, IPv6 1,000( +\d.*){6}$/m);
    // On both paths, and nothing was lost.
    expect(stdout.match(/^ {2}ebpf, 100,000( +\+?-?\d.* % \(.*?\)){4}$/gm)).toHaveLength(2);
    expect(stdout.match(/^ {2}steer, 1,900 +–( +\+?-?\d.* % \(.*?\)){3}$/gm)).toHaveLength(2);
  }, 120_000);
});
