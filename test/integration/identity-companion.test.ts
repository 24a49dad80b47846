import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { attempt } from '../support/client.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, run, start } from '../support/run.js';
import { hasEnded, killBoth, waitFor } from '../support/steer.js';

const TO = '127.0.0.1';
const AT_MOST_MS = 2000;

/** Somebody who may become anybody, and is nobody special. */
const LENT = '+setuid,+setgid';
const USHER = [
  ...['setpriv', '--reuid', '1000', '--regid', '1000', '--clear-groups'],
  ...['--bounding-set', '-all,+setuid,+setgid', '--inh-caps', LENT, '--ambient-caps', LENT],
];

/** A daemon of nobody's on tier steer, and its companion. */
async function serve(as: readonly string[]) {
  const options = ['-v', '--tier', 'steer', '--listen', `${TO}:0`, '--allow', TO, '--user', 'nobody'];
  const daemon = start([...as, installed('alfwrapper'), ...options, '--', fixture('echo')], { cwd: '/' });
  await daemon.until(/^ready$/m);
  const said = daemon.stderr();
  const port = Number(/:(\d+)\): tier/.exec(said)?.[1]);
  const companion = Number(/companion is process (\d+)/.exec(said)?.[1]);
  return { ...daemon, port, companion };
}

const userOf = (pid: number) =>
  /^Uid:\t(\d+)\t\d+\t\d+\t\d+$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];

describeWith(['root'], 'the companion of a target that is another user', () => {
  it.each([
    ['root', [], '0'],
    ['a user with CAP_SETUID', USHER, '1000'],
  ])('started by %s stays who it is and does its work', async (_, as, uid) => {
    const { pid, port, companion } = await serve(as);
    expect([userOf(pid), userOf(companion)]).toEqual(['65534', uid]);
    expect(await attempt([], { from: TO, to: TO, port })).toBe('echo');
    expect(await attempt([], { from: '127.0.0.2', to: TO, port })).toBe('timeout');
    process.kill(pid, 'SIGKILL');
    await waitFor(() => hasEnded(companion), AT_MOST_MS);
  });

  it.each([
    ['root', []],
    ['a user with CAP_SETUID', USHER],
  ])('started by %s takes the target with it', async (_, as) => {
    const { pid, companion, ended } = await serve(as);
    await killBoth(companion);
    await waitFor(() => hasEnded(pid), AT_MOST_MS);
    expect((await ended()).signal).toBe('SIGKILL');
  });

  it('cannot be ended by the target', async () => {
    const { companion } = await serve([]);
    const kill = ['setpriv', '--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups'];
    const { status, stderr } = await run([...kill, '/bin/kill', '-KILL', String(companion)]);
    expect(status).toBe(1);
    expect(stderr).toContain('Operation not permitted');
    expect(hasEnded(companion)).toBe(false);
  });
});
