import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EntryPackage, makeEntryPackage } from '../support/entries.js';
import { environmentWithNode, NODES } from '../support/nodes.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, fixture, installed, run } from '../support/run.js';
import { observe } from '../support/state.js';

const AS_USER =
  'setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps +bpf --ambient-caps +bpf --bounding-set';
const WITHOUT_SETPCAP = '-all,+bpf';

/** What a wrapped start sees that a direct one does not, and the other way round. */
async function difference(
  before: readonly string[],
  actions: readonly string[],
  env = cleanEnvironment(),
  entry = installed('alfwrapper'),
) {
  const wrapper = [entry, '--port', '0', 'whitelist-private'];
  const arranged = [...before, fixture('arrange'), ...actions, '--'];
  const [direct, wrapped] = [await observe(arranged, env), await observe([...arranged, ...wrapper], env)];
  return {
    lost: direct.filter((line) => !wrapped.includes(line)),
    gained: wrapped.filter((line) => !direct.includes(line)),
    direct,
  };
}

/** The listener and its variables, and nothing else. */
const LISTENER = [
  'env LISTEN_FDNAMES=tcp-0',
  'env LISTEN_FDS=1',
  expect.stringMatching(/^env LISTEN_PID=\d+$/),
  expect.stringMatching(/^env LISTEN_PIDFDID=\d+$/),
  'fd 3 mode 140777 status 2 flags 0',
];

const STATES: Readonly<Record<string, readonly string[]>> = {
  'nothing special': [],
  'a terminal as stdio': ['tty'],
  'a pipe as stdio': ['pipe'],
  'a socket as stdio': ['socket'],
  'a pipe somebody made non-blocking': ['pipe', 'nonblock=0', 'nonblock=1'],
  'a closed stdin': ['close=0'],
  'a closed stdout and stderr': ['close=1', 'close=2'],
  'closed stdio': ['close=0', 'close=1', 'close=2'],
  'SIGHUP ignored, as nohup does': ['ignore=1'],
  'SIGPIPE ignored, as systemd does': ['ignore=13'],
  'many signals ignored': ['ignore=1', 'ignore=2', 'ignore=3', 'ignore=13', 'ignore=25', 'ignore=64'],
  'signals blocked': ['block=10', 'block=15', 'block=34'],
  'a low limit on open files': ['nofile=64'],
  'inherited descriptors': ['open=4', 'open=5', 'open=9', 'open=17', 'open=40'],
  'a limit below its inherited descriptors': ['open=40', 'nofile=16'],
};

describeWith(['root', 'bpf'], 'the state of the target', () => {
  let sanitized: EntryPackage;

  beforeAll(() => {
    sanitized = makeEntryPackage('under sanitizers');
  });

  afterAll(() => sanitized.remove());

  for (const version of NODES) {
    const env = environmentWithNode(version);

    it.each(Object.entries(STATES))(
      `is that of a direct start as root on Node ${version}, with %s`,
      async (_, actions) => {
        const { lost, gained } = await difference([], actions, env);
        expect({ lost, gained: gained.sort() }).toEqual({ lost: [], gained: LISTENER });
      },
    );

    it.each(Object.entries(STATES))(
      `is that of a direct start as a user with CAP_BPF on Node ${version}, with %s`,
      async (_, actions) => {
        const { lost, gained } = await difference([...AS_USER.split(' '), WITHOUT_SETPCAP], actions, env);
        const dropped = (set: string) => `status ${set}:\t0000000000000000`;
        const lent = (set: string) => `status ${set}:\t0000008000000000`;
        const sets = ['CapAmb', 'CapEff', 'CapInh', 'CapPrm'];
        expect(lost.sort()).toEqual(sets.map(lent));
        expect(gained.sort()).toEqual([...LISTENER, ...sets.map(dropped)]);
      },
    );
  }

  it.each(Object.entries(STATES))(
    'is that of a direct start with an entry under sanitizers, with %s',
    async (_, actions) => {
      // They set the limit on core files to 0, unless they are told not to.
      const env = cleanEnvironment({ ASAN_OPTIONS: 'disable_coredump=0' });
      const { lost, gained } = await difference([], actions, env, sanitized.entry);
      expect({ lost, gained: gained.sort() }).toEqual({ lost: [], gained: LISTENER });
    },
  );

  it('keeps an environment that steers node, without being steered by it', async () => {
    const env = cleanEnvironment({
      NODE_OPTIONS: '--require /nonexistent',
      NODE_EXTRA_CA_CERTS: '/nonexistent',
      LISTEN_FDS: '7',
      LISTEN_PID: '1',
      STRANGE: 'a=b\nc',
    });
    const { lost, gained, direct } = await difference([], [], env);
    expect(direct).toContain('env NODE_OPTIONS=--require /nonexistent');
    expect(lost).toEqual(['env LISTEN_FDS=7', 'env LISTEN_PID=1']);
    expect(gained.sort()).toEqual(LISTENER);
  });

  it('takes CAP_BPF out of the bounding set too, where that is allowed', async () => {
    const before = 'setpriv --reuid 65534 --regid 65534 --clear-groups'.split(' ');
    const lent = [...before, '--inh-caps', '+bpf,+setpcap', '--ambient-caps', '+bpf,+setpcap'];
    const { gained } = await difference(lent, []);
    const bounding = gained.find((line) => line.startsWith('status CapBnd'));
    expect(BigInt(`0x${bounding?.split('\t')[1]}`) & (1n << 39n)).toBe(0n);
    expect(gained).toContain('status CapAmb:\t0000000000000100');
  });

  it('refuses a descriptor that is inherited where a listener must go', async () => {
    const wrapper = [installed('alfwrapper'), 'whitelist-private', 'true'];
    const { status, stderr } = await run([fixture('arrange'), 'open=3', '--', ...wrapper]);
    expect(status).toBe(125);
    expect(stderr).toBe(
      'alfwrapper: descriptor 3 is needed for a listener but is inherited (/dev/null)\n' +
        '  hint: close it for this command: alfwrapper … 3>&-\n',
    );
  });
});

describeWith(['root', 'bpf'], 'the arguments of the target', () => {
  it('arrive byte for byte, whatever they look like', async () => {
    const bytes = Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0x80]).toString('latin1');
    // A shell makes the bytes, because arguments from here are UTF-8.
    const script = `exec "$0" --port 0 whitelist-private printf '%s|' "$(printf 'a\\377\\376\\n\\200')" -- --port '' -v`;
    const { stdout } = await run([
      'sh',
      '-c',
      `{ ${script}; } | od -An -tx1 | tr -d ' \\n'`,
      installed('alfwrapper'),
    ]);
    const expected = [...[...bytes].map((c) => c.charCodeAt(0)), ...Buffer.from('|--|--port||-v|')];
    expect(stdout).toBe(Buffer.from(expected).toString('hex'));
  });
});
