import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectServed, remote } from '../support/attempts.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, run, start } from '../support/run.js';
import { AS_NOBODY, asNobodyWith } from '../support/users.js';

const { server, client } = ADDRESS;

/** Both programs of policy.c, as an object that libbpf opens and every verifier refuses: it reads outside of a map. */
const REFUSED = `
#include <alf/filter.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} heads SEC(".maps");

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	__u32 key = 0, *value = bpf_map_lookup_elem(&heads, &key);

	return value ? value[skb->len] : 0;
}

ALF_FILTER
int filter_in_place(struct __sk_buff *skb)
{
	return filter(skb);
}

ALF_LICENSE;
`;

describeWith(
  ['root', 'bpf', 'netns', 'clang'],
  'a filter that the kernel refuses after a small one has loaded',
  () => {
    const network = makeNetwork();
    const root = mkdtempSync(join(tmpdir(), 'alfwrapper-refused-'));
    afterAll(() => rmSync(root, { recursive: true }));

    beforeAll(() => {
      chmodSync(root, 0o755);
      for (const part of ['alfwrapper', 'package.json', 'dist', 'build', 'ebpf'])
        cpSync(installed(part), join(root, part), { recursive: true, preserveTimestamps: true });
      const source = join(root, 'refused.c');
      writeFileSync(source, REFUSED);
      const multiarch = execFileSync('cc', ['-print-multiarch'], { encoding: 'utf8' }).trim();
      const flags = ['-target', 'bpf', '-g', '-O2', '-Iebpf/include', `-I/usr/include/${multiarch}`];
      execFileSync('clang', [...flags, '-c', source, '-o', join(root, 'build/ebpf/policy.bpf.o')]);
    });

    /** How the reason begins, whatever words a verifier has for it. */
    const REASON = 'unable to load filter policy: [^\\n]+ \\(EACCES\\)';
    const RULES = ['--allow', client.private4];

    let port = 7100;
    async function expectEnforced(
      as: readonly string[],
      protocol: 'tcp' | 'udp',
      tier: string,
      warning: RegExp,
    ) {
      port++;
      const command = [
        ...network.server,
        ...as,
        `${root}/alfwrapper`,
        '-v',
        '--listen',
        `${protocol}:${port}`,
      ];
      const daemon = start([...command, ...RULES, '--', fixture('echo')]);
      await daemon.until(/ready/);
      const said = daemon.stderr();
      expect(said).toContain(`: tier ${tier}, filter policy (`);
      expect(said.split('\n').filter((line) => line.includes('warning'))).toEqual([
        expect.stringMatching(warning),
      ]);
      await expectServed(
        network,
        [remote(client.private4, server.private4)],
        [remote(client.public4, server.public4), remote(client.private6, server.private6)],
        { port, protocol },
      );
    }

    it.each([
      ['root', [], 'tcp', 'classic', ''],
      ['root', [], 'udp', 'classic', ''],
      ['a user with CAP_BPF', asNobodyWith('+bpf'), 'tcp', 'steer', '; also lend CAP_PERFMON: .*'],
      ['a user with CAP_BPF', asNobodyWith('+bpf'), 'udp', 'classic', '; also lend CAP_PERFMON: .*'],
    ] as const)(
      'is replaced by the next tier, with one line: %s, %s over %s',
      async (_, as, protocol, tier, more) => {
        const line = `^alfwrapper: warning: tier ebpf is refused, ${tier} is used: ${REASON}${more}$`;
        await expectEnforced(as, protocol, tier, new RegExp(line));
      },
    );

    it('is replaced where libbpf cannot be loaded, too', async () => {
      const addon = join(root, 'build/native/alf_bpf.node');
      const kept = join(root, 'alf_bpf.node');
      cpSync(addon, kept);
      writeFileSync(addon, 'not a library');
      try {
        await expectEnforced(
          [],
          'tcp',
          'classic',
          /tier ebpf is refused, classic is used: unable to load \S+alf_bpf.node: /,
        );
        const { stdout } = await run([`${root}/alfwrapper`, 'doctor']);
        expect(stdout).toContain('strongest tier that works: classic on TCP, classic on UDP\n');
      } finally {
        cpSync(kept, addon);
      }
    });

    it.each([
      ['--tier', 'ebpf'],
      ['--tier', 'ebpf', '--dry-run'],
    ])('ends a launch with %s %s %s', async (...options) => {
      const { status, stdout, stderr } = await run([
        ...[`${root}/alfwrapper`, ...options.filter((option) => option !== undefined)],
        ...['--port', '0', ...RULES, '--', 'echo', 'ran'],
      ]);
      expect([status, stdout]).toEqual([125, '']);
      expect(stderr).toMatch(
        new RegExp(`^alfwrapper: ${REASON}\\n  hint: [^\\n]*without --tier ebpf[^\\n]*\\n$`),
      );
    });

    it.each([
      ['root', []],
      ['a user with CAP_BPF', asNobodyWith('+bpf')],
      ['a user with no capability', AS_NOBODY],
    ])('is what doctor, explain, a dry run and a launch agree on: %s', async (_, as) => {
      const alfwrapper = [...as, `${root}/alfwrapper`];
      const report = JSON.parse((await run([...alfwrapper, 'doctor', '--json'])).stdout);
      const both = ['--listen', '7190', '--listen', 'udp:7190', ...RULES];
      const dryRun = await run([...alfwrapper, '--dry-run', '--json', '--quiet', ...both, 'true']);
      const tiersOf = (plan: { listeners: { tier: string }[] }) => plan.listeners.map(({ tier }) => tier);
      const strongest = [report.strongest.tcp, report.strongest.udp];
      expect(strongest).not.toContain('ebpf');
      expect(tiersOf(JSON.parse(dryRun.stdout))).toEqual(strongest);
      const explained = await run([...alfwrapper, 'explain', '--json', '--quiet', ...both]);
      expect(tiersOf(JSON.parse(explained.stdout).plan)).toEqual(strongest);
      const launch = await run([...network.server, ...alfwrapper, '-v', ...both, 'true']);
      expect(launch.status).toBe(0);
      for (const [i, protocol] of ['tcp', 'udp'].entries())
        expect(launch.stderr).toContain(`${protocol} [::]:7190: tier ${strongest[i]}, `);
    });
  },
);
