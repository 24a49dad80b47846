import { expect, it } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { commandsOf } from '../support/readme.js';
import { describeWith } from '../support/requires.js';
import { installed, run } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

/** What the commands print, as root and as an ordinary user. */
const PRINTS: Readonly<Record<string, readonly [root: RegExp, nobody: RegExp]>> = {
  './alfwrapper doctor': [/^ebpf on TCP and UDP: works$/m, /^steer on TCP: works$/m],
  './alfwrapper -v --listen 8080 --listen udp:8080 --allow private -- true': [
    /^alfwrapper: tcp \[::\]:8080: tier ebpf, .*\nalfwrapper: udp \[::\]:8080: tier ebpf, /m,
    /^alfwrapper: tcp \[::\]:8080: tier steer, .*\nalfwrapper: udp \[::\]:8080: tier classic, /m,
  ],
  './alfwrapper --tier steer --port 8080 --allow 127.0.0.1,::1 -- true': [/^$/, /^$/],
  './alfwrapper explain --tier steer --port 8080 --allow private': [/ret #1 +; allow$/m, /ret #1 +; allow$/m],
  "./alfwrapper explain --tier classic --listen udp:8053 --rule 'allow from any port 1024-65535'": [
    /ret #0xffffffff +; allow$/m,
    /ret #0xffffffff +; allow$/m,
  ],
  './alfwrapper explain --tier ebpf --json --allow private': [/"works": true/, /"errno": "EPERM"/],
  "ss -tlnm 'sport = :8080'": [/^State +Recv-Q +Send-Q/, /^State +Recv-Q +Send-Q/],
};

describeWith(['root', 'bpf', 'netns'], 'docs/tiers.md', () => {
  const { server } = makeNetwork();

  it('has no command that is not run here', () => {
    expect(commandsOf('docs/tiers.md').sort()).toEqual(Object.keys(PRINTS).sort());
  });

  it.each(Object.entries(PRINTS))('$ %s', async (command, [root, nobody]) => {
    for (const [user, prints] of [
      [[], root],
      [AS_NOBODY, nobody],
    ] as const) {
      const { status, stdout, stderr } = await run([...server, ...user, 'sh', '-c', command], {
        cwd: installed(''),
      });
      expect(stdout + stderr).toMatch(prints);
      expect(status).toBe(0);
    }
  });
});
