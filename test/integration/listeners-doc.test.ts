import { expect, it } from 'vitest';
import { attempt } from '../support/client.js';
import { makeNetwork } from '../support/network.js';
import { commandsOf } from '../support/readme.js';
import { describeWith } from '../support/requires.js';
import { installed, run, start } from '../support/run.js';

/** What the commands print. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  "./alfwrapper --listen 8443 --listen udp:8443 --listen /run/web.sock --allow private --rule 'allow proto unix' -- true":
    /^$/,
  './alfwrapper --listen 127.0.0.1:0 --fdname web --listen udp:127.0.0.1:0 --fdname dns -E LOG=debug --allow 127.0.0.1 -- env':
    /^LOG=debug$[\s\S]*^LISTEN_FDNAMES=web:dns$/m,
  "./alfwrapper check --allow private --rule 'allow proto unix' unix":
    /^unix allow: allow proto unix \(--rule\)\n$/,
  './alfwrapper --listen 127.0.0.1:0 --no-delay --keep-alive --keep-alive-time 2min --allow 127.0.0.1 -- true':
    /^$/,
  './alfwrapper --listen udp:127.0.0.1:0 --receive-buffer 1M --pass-packet-info --allow 127.0.0.1 -- true':
    /^$/,
};

/** One that serves, at 127.0.0.1:8080. */
const SERVES =
  'systemd-socket-activate --listen 127.0.0.1:8080 ./alfwrapper --allow 127.0.0.1 -- scripts/echod.sh';

describeWith(['root', 'bpf', 'netns'], 'docs/listeners.md', () => {
  const { server } = makeNetwork();

  it('has no command that is not run here', () => {
    expect(commandsOf('docs/listeners.md').sort()).toEqual([...Object.keys(PRINTS), SERVES].sort());
  });

  it.each(Object.entries(PRINTS))('$ %s', async (command, prints) => {
    // A /run of its own: what a command leaves there is gone with it.
    const alone = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount -t tmpfs none /run && exec sh -c "$1"',
      'sh',
      command,
    ];
    const { status, stdout, stderr } = await run([...server, ...alone], { cwd: installed('') });
    expect(stdout + stderr).toMatch(prints);
    expect(status).toBe(0);
  });

  it(`$ ${SERVES}`, async () => {
    const daemon = start([...server, 'sh', '-c', `exec ${SERVES}`], { cwd: installed('') });
    await daemon.until(/^Listening on 127\.0\.0\.1:8080/m);
    const from = (address: string, timeoutMs: number) =>
      attempt(server, { from: address, to: '127.0.0.1', port: 8080, timeoutMs });
    expect(await from('127.0.0.1', 8000)).toBe('echo');
    expect(await from('127.0.0.2', 300)).toBe('timeout');
  });
});
