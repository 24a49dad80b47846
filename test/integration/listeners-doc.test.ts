import { expect, it } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { commandsOf } from '../support/readme.js';
import { describeWith } from '../support/requires.js';
import { installed, run } from '../support/run.js';

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

describeWith(['root', 'bpf', 'netns'], 'docs/listeners.md', () => {
  const { server } = makeNetwork();

  it('has no command that is not run here', () => {
    expect(commandsOf('docs/listeners.md').sort()).toEqual(Object.keys(PRINTS).sort());
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
});
