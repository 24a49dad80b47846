import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { attempt } from '../support/client.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, fixture, installed, run, start } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-try-'));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs `alfwrapper try` with something on its standard input. */
function trial(words: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(installed('alfwrapper'), ['try', ...words], {
    input,
    encoding: 'utf8',
    cwd: process.cwd(),
    env: cleanEnvironment({ XDG_CACHE_HOME: directory }),
  });
  return { status, stdout, stderr };
}

const packets = (...texts: string[]) => texts.flatMap((text) => ['--packet', text]);

/** What of a packet a socket shows to a filter: its length, its first bytes, the network header, the interface. */
const VIEW = `
#include <alf/packet.h>

static __attribute__((noinline)) int long_enough(struct __sk_buff *skb, int least)
{
	return skb->len >= least;
}

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	__be16 ports[2];
	__u8 text[5] = {};
	struct iphdr ip;

	if (bpf_skb_load_bytes(skb, 0, ports, sizeof(ports)) < 0 || ports[1] != bpf_htons(4242))
		return ALF_DENY;
	if (!alf_load_net(skb, 0, &ip, sizeof(ip)) || ip.version * 16 + ip.ihl != 0x45 || ip.protocol != IPPROTO_UDP)
		return ALF_DENY;
	if (skb->len != 13 || !long_enough(skb, 13) || long_enough(skb, 14))
		return ALF_DENY;
	if (bpf_skb_load_bytes(skb, 8, text, sizeof(text)) < 0)
		return ALF_DENY;
	return text[0] == 'h' && text[4] == 'o' ? ALF_ALLOW : ALF_DENY;
}

ALF_LICENSE;
`;

describeWith(['root', 'bpf', 'netns', 'bcc'], 'alfwrapper try', () => {
  const network = makeNetwork();
  const view = join(directory, 'view.c');
  writeFileSync(view, VIEW);

  it('shows a filter what a socket shows it', async () => {
    const { server, client } = ADDRESS;
    const daemon = start([
      ...network.server,
      ...[installed('alfwrapper'), '--listen', 'udp:4242', view, fixture('echo')],
    ]);
    await daemon.until(/^ready$/m);
    for (const [text, real, tried] of [
      ['hello', 'answer', 'allow'],
      ['hallo!', 'timeout', 'deny'],
      ['yello', 'timeout', 'deny'],
    ] as const) {
      const came = await attempt(network.client, {
        ...{
          protocol: 'udp',
          from: client.private4,
          to: server.private4,
          timeoutMs: real === 'answer' ? 5000 : 300,
        },
        exchange: { request: text, part: text },
      });
      const { stdout, stderr } = trial([view, ...packets(`udp ${client.private4} data ${text}`)]);
      expect({ text, came, stderr, stdout }).toEqual({
        ...{ text, came: real, stderr: '' },
        stdout: `udp ${client.private4}:40000 to 192.0.2.2:4242: ${tried}\n`,
      });
    }
  });

  it.each([
    ['a shipped one', 'knocking'],
    ['one in the dialect of BCC', 'test/fixtures/bcc/knocking.c'],
  ])('remembers what came before: %s', (_, filter) => {
    const ports = [15000, 15001, 15002].flatMap((port, i) => ['--set', `ports,${i},${port}`]);
    const knocks = [15000, 15001, 15002].map((port) => `[2001:db8::1]:${port}`);
    const { status, stdout, stderr } = trial([
      filter,
      ...ports,
      ...packets('2001:db8::1', ...knocks, '2001:db8::1', '2001:db8::3'),
    ]);
    expect(stderr).toBe('');
    expect(stdout.match(/allow|deny/g)).toEqual(['deny', 'deny', 'deny', 'deny', 'allow', 'deny']);
    expect(status).toBe(1);
  });

  it('takes entries, an object, an interface, and packets from a file', () => {
    const { stdout, status } = trial(
      ['-q', installed('build/ebpf/interfaces.bpf.o'), '--set', 'interfaces,0,lo', '--packets', '-'],
      '# comment\n\n10.0.0.1\n  udp ::1 on lo\nhex:4500001400000000400600000a0000010a000002\n',
    );
    expect(stdout).toBe(
      'tcp 10.0.0.1:40000 to 192.0.2.2:4242: allow\n' +
        'udp [::1]:40000 to [2001:db8::2]:4242: allow\n' +
        'hex:4500001400000000400600000a0000010a000002: allow\n',
    );
    expect(status).toBe(0);
  });

  it('says what is cut, in JSON too', () => {
    const file = join(directory, 'cut.c');
    writeFileSync(
      file,
      '#include <alf/filter.h>\nALF_FILTER\nint filter(struct __sk_buff *skb) { return 10; }\nALF_LICENSE;\n',
    );
    expect(trial([file, ...packets('udp 10.0.0.1 data hello')]).stdout).toBe(
      'udp 10.0.0.1:40000 to 192.0.2.2:4242: allow, cut to 10 bytes from the transport header on\n',
    );
    expect(trial([file, '--json', ...packets('udp 10.0.0.1 data hello')]).stdout).toBe(
      '{"packet":"udp 10.0.0.1:40000 to 192.0.2.2:4242","verdict":"allow","cut":10}\n',
    );
  });

  it('needs CAP_BPF, and says so', async () => {
    const words = [installed('alfwrapper'), 'try', 'whitelist-private', '--packet', '10.0.0.1'];
    const { status, stderr } = await run([...AS_NOBODY, ...words]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^alfwrapper: unable to load filter whitelist-private: .*\(EPERM\)\n/);
  });
});

describe('alfwrapper try refuses', () => {
  it.each([
    [[], 'no filter given'],
    [['a', 'b', ...packets('10.0.0.1')], '2 filters given'],
    [['whitelist'], 'no packet given'],
  ])('%j', (words, message) => {
    expect(trial(words)).toEqual({
      status: 2,
      stdout: '',
      stderr: `alfwrapper: ${message}\n  hint: expected: alfwrapper try FILTER --packet 'tcp 192.0.2.1:40000 to 192.0.2.2:80'\n`,
    });
  });

  it('a file of packets that is not there', () => {
    expect(trial(['whitelist', '--packets', '/nowhere'])).toMatchObject({
      status: 2,
      stderr: 'alfwrapper: unable to read /nowhere: no such file or directory (ENOENT)\n',
    });
  });
});
