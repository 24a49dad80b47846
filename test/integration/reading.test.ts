import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { ENTRY } from '../../src/bpf/object/index.js';
import { ENTRY_IN_PLACE } from '../../src/compile/table/index.js';
import { expectServed, remote } from '../support/attempts.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, start } from '../support/run.js';
import { asNobodyWith } from '../support/users.js';

const { server, client } = ADDRESS;
const near = [remote(client.private4, server.private4), remote(client.private6, server.private6)];
const far = [remote(client.public4, server.public4), remote(client.public6, server.public6)];

/** A mount namespace in which the kernel does not tell its types. */
const WITHOUT_TYPES = [
  ...['unshare', '--mount', 'sh', '-c'],
  'mount --bind /dev/null /sys/kernel/btf/vmlinux && exec "$@"',
  'sh',
];

describeWith(['root', 'bpf', 'netns', 'bpftool', 'kernelTypes'], 'rules read packets', () => {
  const network = makeNetwork();

  it.each([
    ['in place, for root', [], ENTRY_IN_PLACE],
    ['in place, with CAP_PERFMON', asNobodyWith('+bpf', '+perfmon'), ENTRY_IN_PLACE],
    ['as copies, with CAP_BPF alone', asNobodyWith('+bpf'), ENTRY],
    ['as copies, where the kernel does not tell its types', WITHOUT_TYPES, ENTRY],
  ] as const)('%s', async (_, before, program) => {
    const rules = ['--tier', 'ebpf', '--port', '4242', '--allow', `${client.private4},${client.private6}`];
    const target = start([
      ...[...network.server, ...before, installed('alfwrapper'), '-v', ...rules],
      ...[fixture('echo')],
    ]);
    await target.until(/ready/);
    const id = /\(program (\d+)\)/.exec(target.stderr())?.[1] ?? '';
    expect(execFileSync('bpftool', ['prog', 'show', 'id', id], { encoding: 'utf8' })).toContain(
      ` name ${program} `,
    );
    await expectServed(network, near, far, {});
  });
});
