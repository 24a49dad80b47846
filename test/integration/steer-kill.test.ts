import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { readFrom } from '../support/accept.js';
import { Random, seedOf } from '../support/random.js';
import { describeWith } from '../support/requires.js';
import { fixture, start } from '../support/run.js';
import {
  childrenOf,
  drive,
  fixedPort,
  hasEnded,
  kill,
  killBoth,
  livingCompanions,
  lookAt,
  type Probe,
  serve,
  startProbe,
  waitFor,
} from '../support/steer.js';
import { type Kind, waitForTies } from '../support/steer-daemon.js';
import { AS_NOBODY } from '../support/users.js';

/** Kills of each kind of daemon. The long form: ALF_KILLS=200 npx vitest run test/integration/steer-kill.test.ts */
const KILLS = Number(process.env['ALF_KILLS'] ?? 5);
const SEED = seedOf('kills of the companion');

const KINDS = ['plain', 'daemonize', 'workers', 'setsid-workers', 'drop-uid'] as const;
const DENIED = '127.0.0.2';
const ALLOWED = '127.0.0.1';
/** For a loaded machine. */
const AT_MOST_MS = 20_000;
/** Between two kills, at most. */
const PAUSE_MS = 60;
/** About what a launch takes. */
const LAUNCH_MS = 400;

/** Prefixes of commands. */
const PLACES = {
  root: () => [],
  user: () => AS_NOBODY,
  userns: () => [fixture('in-userns')],
  pidns: () => ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'],
};

type Place = keyof typeof PLACES;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What all tests have done and seen, printed at the end. */
const total = {
  kills: 0,
  bothAtOnce: 0,
  launchesKilled: 0,
  companionsInLaunches: 0,
  deniedAttempts: 0,
  deniedServed: 0,
  allowedServed: 0,
};
afterAll(() => console.log(`kills of the companion: ${JSON.stringify(total)}`));

/** A daemon whose processes the companion has found, and clients that try to connect. */
class Daemon {
  readonly port: number;
  readonly #session: number;
  readonly #processes: readonly number[];
  readonly #probes: readonly (() => Promise<Probe>)[];

  private constructor(port: number, session: number, processes: readonly number[]) {
    this.port = port;
    this.#session = session;
    this.#processes = processes;
    this.#probes = [DENIED, ALLOWED].map((from) => startProbe({ from, to: '127.0.0.1', port }));
  }

  static async start(kind: Kind, place: Place, own: boolean): Promise<Daemon> {
    const target = [fixture('steer-daemon'), kind, place === 'userns' ? '1000' : '65534'];
    const served = await serve({ as: PLACES[place](), own, target });
    const { port, stdout, pid } = served;
    // In a PID namespace the companion is a child of the target, whose parent is unshare.
    const companion = place === 'pidns' ? (childrenOf(childrenOf(pid)[0] ?? 0)[0] ?? 0) : served.companion;
    const accepting = kind.endsWith('workers') ? 2 : 1;
    const serving = () => [...stdout().matchAll(/serving (\d+)/g)].map(([, text]) => Number(text));
    await waitFor(() => serving().length === accepting, AT_MOST_MS);
    const processes = place === 'pidns' ? [pid] : [pid, ...serving()];
    onTestFinished(() => {
      for (const each of processes) if (!hasEnded(each)) kill(each);
    });
    const session = lookAt(companion)?.session ?? 0;
    await waitForTies(companion, kind);
    return new Daemon(port, session, processes);
  }

  /** A process that starts during the first look is found by the second. */
  companions(): number[] {
    const found = livingCompanions(this.#session);
    return found.length > 0 ? found : livingCompanions(this.#session);
  }

  /** Kills one of the companion's processes. @returns its id, undefined if there was none any more */
  killOne(random: Random): number | undefined {
    const companions = this.companions();
    if (companions.length === 0) return undefined;
    const victim = random.pick(companions);
    kill(victim);
    return victim;
  }

  /** Waits until the companion has replaced a process that was killed. */
  async waitForBoth(victim: number): Promise<void> {
    await waitFor(() => hasEnded(victim), AT_MOST_MS);
    await waitFor(() => this.companions().length === 2, AT_MOST_MS);
  }

  /** Both processes were killed before one could replace the other: so is the daemon. @returns after that */
  async endWithBoth(): Promise<void> {
    await waitFor(() => this.#processes.every(hasEnded), AT_MOST_MS);
    total.bothAtOnce++;
    await this.#expectNothingServed();
  }

  async endWithoutGap(): Promise<void> {
    const denied = await this.#expectNothingServed();
    expect(denied).toMatchObject({ connected: 0, refused: 0 });
  }

  async #expectNothingServed(): Promise<Probe | undefined> {
    const [denied, allowed] = await Promise.all(this.#probes.map((stop) => stop()));
    total.deniedAttempts += denied?.attempts ?? 0;
    total.deniedServed += denied?.served ?? 0;
    total.allowedServed += allowed?.served ?? 0;
    expect(denied?.attempts).toBeGreaterThan(0);
    expect(denied?.served).toBe(0);
    return denied;
  }
}

/**
 * Kills a random process of the companion at random moments, whether the one before has been replaced or not.
 *
 * @returns the daemon that runs after the last kill
 */
async function killAtRandom(kind: Kind, place: Place, own: boolean, random: Random): Promise<Daemon> {
  let daemon = await Daemon.start(kind, place, own);
  for (let n = 0; n < KILLS; n++) {
    await sleep(random.below(PAUSE_MS));
    let victim = daemon.killOne(random);
    while (victim === undefined) {
      await daemon.endWithBoth();
      daemon = await Daemon.start(kind, place, own);
      victim = daemon.killOne(random);
    }
    // The kernel protects an init from signals of its own namespace: without both it would go on without a filter.
    if (place === 'pidns') await daemon.waitForBoth(victim);
    total.kills++;
  }
  return daemon;
}

/** @param own whether the daemon opens its listener itself */
function testKinds(place: Place, kinds: readonly Kind[], own = false) {
  it.each(kinds)('%s', { timeout: 60_000 + KILLS * 2000 }, async (kind) => {
    const random = new Random(SEED);
    let daemon = await killAtRandom(kind, place, own, random);
    await waitFor(() => daemon.companions().length !== 1, AT_MOST_MS);
    if (daemon.companions().length === 0) {
      await daemon.endWithBoth();
      daemon = await Daemon.start(kind, place, own);
    }
    // Read before the probes stop: the daemon has its companion again, and serves.
    expect(await readFrom(daemon.port)).toBe('served');
    const [companion = 0] = daemon.companions();
    await daemon.endWithoutGap();
    if (place === 'pidns') return;
    const last = await Daemon.start(kind, place, own);
    await sleep(random.below(PAUSE_MS));
    await killBoth(last.companions()[0] ?? companion);
    await last.endWithBoth();
  });
}

describe('processes of the companion killed at random', () => {
  describeWith(['root'], 'as root', () => {
    testKinds('root', KINDS);
  });

  describeWith(['root'], 'as an ordinary user', () => {
    testKinds('user', KINDS.slice(0, 4));
  });

  describeWith(['root', 'userns'], 'in a user namespace', () => {
    testKinds('userns', KINDS);
  });

  describeWith(['root'], 'as root, of a daemon that opens its listener itself', () => {
    testKinds('root', KINDS, true);
  });

  describeWith(['root'], 'as an ordinary user, of a daemon that opens its listener itself', () => {
    testKinds('user', KINDS.slice(0, 4), true);
  });

  describeWith(['root'], 'as the init of a PID namespace, one at a time', () => {
    testKinds('pidns', ['plain']);
  });
});

/** Processes of the companion that a launch has started, its short-lived first one included. */
function companionsOfLaunch(launch: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(`alf-companion\0${launch}\0`);
    } catch {
      return false;
    }
  });
}

describeWith(['root'], 'a launch of which a process is killed at a random moment', () => {
  it.each([
    ['root', []],
    ['an ordinary user', AS_NOBODY],
    ['root of a user namespace', ['in-userns']],
  ])('as %s: no denied client is served', { timeout: 60_000 + KILLS * 2000 }, async (_, as) => {
    const random = new Random(SEED);
    const port = fixedPort();
    const prefix = as[0] === 'in-userns' ? [fixture('in-userns')] : as;
    const target = [fixture('steer-daemon'), 'plain'];
    const stop = startProbe({ from: DENIED, to: '127.0.0.1', port });
    for (let n = 0; n < KILLS; n++) {
      const launch = start(drive({ as: prefix, listeners: [`tcp,127.0.0.1,${port}`], target }), { cwd: '/' });
      await sleep(random.below(LAUNCH_MS));
      const companions = companionsOfLaunch(launch.pid);
      kill(random.pick([launch.pid, ...companions]));
      total.launchesKilled++;
      total.companionsInLaunches += companions.length > 0 ? 1 : 0;
      await sleep(random.below(PAUSE_MS));
      await launch.kill('SIGKILL');
    }
    const denied = await stop();
    total.deniedAttempts += denied.attempts;
    total.deniedServed += denied.served;
    expect(denied.attempts).toBeGreaterThan(100);
    expect(denied.served).toBe(0);
  });
});
