import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { readFrom } from '../support/accept.js';
import { limitMemory } from '../support/memory-cgroup.js';
import { describeWith } from '../support/requires.js';
import { fixture, start } from '../support/run.js';
import { companionsOf, hasEnded, serve, startProbe, waitFor } from '../support/steer.js';
import { type Kind, waitForTies } from '../support/steer-daemon.js';
import { AS_NOBODY } from '../support/users.js';

const SIZE_BYTES = 128 * 1024 * 1024;
const KILLS = 4;
const AT_MOST_MS = 20_000;
/** The out-of-memory killer takes such a process first. */
const FIRST = '1000';
/** Each is smaller than that process, which counts as large as the group. */
const HOGS = 3;
/** How long a denied client goes on after that. */
const SETTLED_MS = 300;

/** Has the out-of-memory killer end one process of the companion, or both, while a denied client tries to connect. */
async function exhaust(kind: Kind, as: readonly string[], victims: 1 | 2) {
  const group = limitMemory(`oom-${kind}-${as.length}-${victims}`, SIZE_BYTES);
  const target = [fixture('steer-daemon'), kind, '65534'];
  const daemon = await serve({ as: [...group.enter, ...as], target });
  await waitFor(() => /serving/.test(daemon.stdout()), AT_MOST_MS);
  const serving = () => [...daemon.stdout().matchAll(/serving (\d+)/g)].map(([, pid]) => Number(pid));
  onTestFinished(() => {
    for (const pid of serving()) if (!hasEnded(pid)) process.kill(pid, 'SIGKILL');
  });
  await waitForTies(daemon.companion, kind);
  const pair = await companionsOf(daemon.companion);
  for (const pid of pair.slice(0, victims)) writeFileSync(`/proc/${pid}/oom_score_adj`, FIRST);
  const stopProbe = startProbe({ from: '127.0.0.2', to: '127.0.0.1', port: daemon.port });
  const hogs = Array.from({ length: HOGS }, () => start([...group.enter, fixture('memory-hog')]));
  await waitFor(() => group.kills() >= KILLS, AT_MOST_MS);
  await Promise.all(hogs.map((hog) => hog.kill('SIGKILL')));
  await sleep(SETTLED_MS);
  return { ...daemon, seen: await stopProbe(), pair, serving, kills: group.kills() };
}

const DAEMONS = [
  ['plain', 'root', []],
  ['setsid-workers', 'root', []],
  ['daemonize', 'an ordinary user', AS_NOBODY],
  ['drop-uid', 'root', []],
] as const;

describeWith(['root', 'memoryGroups'], 'the companion when memory is exhausted', () => {
  it.each(DAEMONS)('%s, as %s: one process is replaced', { timeout: 180_000 }, async (kind, _, as) => {
    const { seen, pair, port, kills } = await exhaust(kind, as, 1);
    console.log(`${kind}, one: ${kills} kills, ${JSON.stringify(seen)}`);
    expect(pair.map(hasEnded)).toEqual([true, false]);
    expect(seen.attempts).toBeGreaterThan(100);
    expect(seen).toMatchObject({ connected: 0, refused: 0, served: 0 });
    expect(await companionsOf(pair[1])).toContain(pair[1]);
    expect(await readFrom(port)).toBe('served');
  });

  it.each(DAEMONS)(
    '%s, as %s: without both, no denied client is served',
    { timeout: 180_000 },
    async (kind, _, as) => {
      const { seen, pair, serving, kills } = await exhaust(kind, as, 2);
      console.log(`${kind}, both: ${kills} kills, ${JSON.stringify(seen)}`);
      expect(kills).toBeGreaterThanOrEqual(KILLS);
      expect(pair.some(hasEnded)).toBe(true);
      expect(seen.attempts).toBeGreaterThan(100);
      expect(seen.served).toBe(0);
      // It goes on with a companion, or has ended with it.
      if (!serving().every(hasEnded)) expect(seen.connected).toBe(0);
    },
  );
});
