import { expect, it, vi } from 'vitest';
import { type Attempt, attempt } from '../support/client.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { commandsOf } from '../support/readme.js';
import { describeWith } from '../support/requires.js';
import { installed, run, start } from '../support/run.js';

/** What the commands print. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  './alfwrapper --port 80 --allow private --user www-data -- id':
    /^uid=33\(www-data\) gid=33\(www-data\) groups=33\(www-data\)\n$/,
  './alfwrapper --port 80 --allow private --user www-data:adm --umask 027 --chdir / --no-new-privs -- id':
    /^uid=33\(www-data\) gid=4\(adm\) groups=4\(adm\)\n$/,
  './alfwrapper --port 80 --allow private --user 70000:70000 -- id': /^uid=70000 gid=70000 groups=70000\n$/,
  './alfwrapper --port 80 --allow private --drop-caps -- grep Cap /proc/self/status':
    /^(Cap\w+:\t0{16}\n){5}$/,
};

/** Commands that go on, and what they make of a connection or a datagram. */
const SERVE: Readonly<Record<string, Pick<Attempt, 'protocol' | 'exchange'>>> = {
  './alfwrapper --port 4242 --allow private --accept --inetd -- cat': {},
  './alfwrapper --port 4242 --allow private --accept --inetd --user nobody -- cat': {},
  './alfwrapper --port 4242 --allow private --accept --max-connections 200 --max-per-source 10 -- sh -c \'echo "hello $REMOTE_ADDR" >&3\'':
    { exchange: { request: '', part: `hello ${ADDRESS.client.private4}\n` } },
};

const RECEIVES = "./alfwrapper --listen udp:4242 --allow private --inetd -- sh -c 'exec cat >&2'";

describeWith(['root', 'bpf', 'netns'], 'docs/running.md', () => {
  const { server, client } = makeNetwork();
  const shell = (command: string) =>
    start([...server, 'sh', '-c', `exec ${command}`], { cwd: installed('') });
  const visit = (how: Pick<Attempt, 'protocol' | 'exchange'>) =>
    attempt(client, { ...how, to: ADDRESS.server.private4 });

  it('has no command that is not run here', () => {
    expect(commandsOf('docs/running.md').sort()).toEqual(
      [...Object.keys({ ...PRINTS, ...SERVE }), RECEIVES].sort(),
    );
  });

  it.each(Object.entries(PRINTS))('$ %s', async (command, prints) => {
    const { status, stdout, stderr } = await run([...server, 'sh', '-c', command], { cwd: installed('') });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(prints);
  });

  it.each(Object.entries(SERVE))('$ %s', async (command, how) => {
    shell(command);
    const served = async () => expect(await visit(how)).toMatch(/^(echo|answer)$/);
    await vi.waitFor(served, { timeout: 10_000 });
  });

  it(`$ ${RECEIVES}`, async () => {
    const daemon = shell(RECEIVES);
    const received = async () => {
      await visit({ protocol: 'udp' });
      expect(daemon.stderr()).toContain('alfwrapper\n');
    };
    await vi.waitFor(received, { timeout: 10_000 });
  });
});
