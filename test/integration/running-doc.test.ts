import { expect, it } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { commandsOf } from '../support/readme.js';
import { describeWith } from '../support/requires.js';
import { installed, run } from '../support/run.js';

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

describeWith(['root', 'bpf', 'netns'], 'docs/running.md', () => {
  const { server } = makeNetwork();

  it('has no command that is not run here', () => {
    expect(commandsOf('docs/running.md').sort()).toEqual(Object.keys(PRINTS).sort());
  });

  it.each(Object.entries(PRINTS))('$ %s', async (command, prints) => {
    const { status, stdout, stderr } = await run([...server, 'sh', '-c', command], { cwd: installed('') });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(prints);
  });
});
