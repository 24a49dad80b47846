import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, installed, run } from '../support/run.js';

const TIERS = ['ebpf', 'classic', 'steer'] as const;

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-refusals-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string, mode = 0o644): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function folder(name: string): string {
  const path = join(directory, name);
  mkdirSync(path);
  return path;
}

const RULES = ['--allow', '127.0.0.1'];
const LISTEN = ['--listen', '127.0.0.1:0'];
const OPEN = [...LISTEN, ...RULES];
const rule = (text: string) => [...LISTEN, '--rule', text, 'true'];
const set = (text: string) => [...LISTEN, '--set', text, 'whitelist', 'true'];
const policy = (name: string, text: string) => [...LISTEN, '--policy', file(name, text), 'true'];
const listen = (text: string) => ['--listen', text, ...RULES, 'true'];
const program = (path: string) => [...OPEN, '--', path];

/** Prefixes that cannot be joined. */
const many = (count: number) =>
  Array.from({ length: count }, (_, i) => `10.${i >> 8}.${i & 255}.${i & 1 ? 1 : 4}`).join('\n');

/** What is refused, and a command line that is. Ends with the program where it matters. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'an unknown interface in a scoped address': ['--listen', '[fe80::1%nowhere0]:0', ...RULES, 'true'],
  'an unknown interface in a map entry': [...LISTEN, '--set', 'interfaces,nowhere0,1', 'interfaces', 'true'],
  'more rules than a program holds': [
    ...LISTEN,
    '--policy',
    file('many', `allow from @many\nset many file ${file('many.set', many(20_000))}`),
    'true',
  ],
  'a filter that keeps state': [...LISTEN, 'knocking', 'true'],
  UDP: listen('udp:127.0.0.1:0'),
  'rules that deny peers of a UNIX stream': [
    '--listen',
    join(directory, 's'),
    '--rule',
    'deny proto unix',
    'true',
  ],
  'a filter on a UNIX stream': ['--listen', join(directory, 's'), 'whitelist', 'true'],
  'an address that is none': listen('127.0.0.256:80'),
  'a name in place of an address': listen('localhost:80'),
  'a port out of range': listen('127.0.0.1:65536'),
  'a port that is none': listen('127.0.0.1:http!'),
  'a UNIX path that is too long': listen(`/${'x'.repeat(120)}`),
  'a UNIX path without a name': listen('/tmp/'),
  'an unknown kind of socket': listen('sctp:127.0.0.1:80'),
  'a listener twice over': ['--listen', '127.0.0.1:0', '--port', '0', ...RULES, 'true'],
  'more names than listeners': [...OPEN, '--fdname', 'a', '--fdname', 'b', 'true'],
  'a name with a colon': [...OPEN, '--fdname', 'a:b', 'true'],
  'an option for no listener': [...OPEN, '--socket-mode', '999', 'true'],
  'a socket option for another kind of socket': [...OPEN, '--pass-packet-info', 'true'],
  'a shared address': [...OPEN, '--reuse-port', 'true'],
  'accepting datagrams': ['--accept', '--listen', 'udp:127.0.0.1:0', ...RULES, 'true'],
  'two listeners as standard input': ['--inetd', ...LISTEN, '--listen', '127.0.0.2:0', ...RULES, 'true'],
  'a limit without a number': [...OPEN, '--accept', '--max-connections', 'x', 'true'],
  'an unknown option': [...OPEN, '--frobnicate', 'true'],
  'an unknown tier': [...OPEN, '--tier', 'magic', 'true'],
  'an option without its value': [...OPEN, '--umask'],
  'no program': OPEN,
  'no filter and no rules': LISTEN,
  'a program that does not exist': program('/nowhere/daemon'),
  'a program that is in no directory of PATH': program('no-such-daemon'),
  'a program that is a directory': program(directory),
  'a program that may not be executed': program(file('plain', 'text')),
  'a script without an interpreter': program(file('bare', 'echo', 0o755)),
  'a script whose interpreter is missing': program(file('lost', '#!/nowhere/sh\n', 0o755)),
  'an unknown user': [...OPEN, '--user', 'no-such-user', 'true'],
  'an unknown group': [...OPEN, '--group', 'no-such-group', 'true'],
  'a user that is out of range': [...OPEN, '--user', '4294967295', 'true'],
  'a user without an entry and a group': [...OPEN, '--user', '4000000', 'true'],
  'a umask that is none': [...OPEN, '--umask', '8', 'true'],
  'a variable without a name': [...OPEN, '--setenv', '=x', 'true'],
  'an unknown filter': [...LISTEN, 'no-such-filter', 'true'],
  'a filter that is a directory': [...LISTEN, folder('filter.o'), 'true'],
  'a filter that is no object': [...LISTEN, file('text.o', 'not an object'), 'true'],
  'a filter in C that does not compile': [...LISTEN, file('broken.c', 'int filter(void { }'), 'true'],
  'an unknown map': set('nowhere,0,10.0.0.0/8'),
  'an entry with too few parts': set('allow4,0'),
  'an entry with too many parts': set('allow4,0,10.0.0.0/8,1'),
  'an address in the map of another family': set('allow4,0,2001:db8::/32'),
  'a prefix that is too long': set('allow4,0,10.0.0.0/33'),
  'a set file that does not exist': [...LISTEN, '--set-file', 'allow4,/nowhere', 'whitelist', 'true'],
  'a set file that is a directory': [...LISTEN, '--set-file', `allow4,${directory}`, 'whitelist', 'true'],
  'a line of a set file that is no entry': [
    ...LISTEN,
    '--set-file',
    `allow4,${file('bad.set', 'ten\n')}`,
    'whitelist',
    'true',
  ],
  'a policy that does not exist': [...LISTEN, '--policy', '/nowhere', 'true'],
  'a policy that is a directory': [...LISTEN, '--policy', directory, 'true'],
  'a rule without a verdict': rule('from 10.0.0.0/8'),
  'a word that no rule has': rule('allow from 10.0.0.0/8 sometimes'),
  'an address in a rule that is none': rule('allow from 10.0.0.0.1'),
  'a protocol that is unknown': rule('allow proto quux'),
  'a set that is not defined': rule('allow from @nowhere'),
  'a set that contains itself': policy('loop', 'set a { @b }\nset b { @a }\nallow from @a'),
  'a set that is defined twice': policy('twice', 'set a { 10.0.0.1 }\nset a { 10.0.0.2 }\nallow from @a'),
  'a default that is defined twice': policy('defaults', 'default allow\ndefault deny'),
  'a list that cannot be read': policy('list', 'set a file /nowhere\nallow from @a'),
  'a list with a line that is no address': policy(
    'lines',
    `set a file ${file('lines.set', '10.0.0.1\nten\n')}\nallow from @a`,
  ),
  'entries for a filter that is rules': [...OPEN, '--set', 'allow4,0,10.0.0.0/8', 'true'],
};

describeWith(['root', 'bpf'], 'a dry run and a launch agree on what is refused', () => {
  it('on 50 kinds at least', () => {
    expect(Object.keys(KINDS).length).toBeGreaterThanOrEqual(50);
  });

  it.each(Object.entries(KINDS))('%s', (_, argv) => compare([], argv));

  it('an inherited descriptor in the place of a listener', () =>
    compare(['sh', '-c', 'exec "$@" 3</dev/null', 'sh'], [...OPEN, 'true']));

  it('a companion and an acceptor that are missing', async () => {
    const root = join(directory, 'package');
    cpSync(installed('.'), root, { recursive: true, preserveTimestamps: true });
    for (const name of ['alf-companion', 'alf-acceptor']) rmSync(join(root, 'build/native', name));
    const entry = join(root, 'alfwrapper');
    await compare([], [...OPEN, '--accept', 'true'], entry);
    await compare([], [...OPEN, 'true'], entry);
  });

  /** Runs a command line with and without `--dry-run`, on each tier, one of which has to refuse it. */
  async function compare(via: readonly string[], argv: readonly string[], entry = installed('alfwrapper')) {
    const refused = [];
    for (const tier of TIERS) {
      const command = [...via, entry, '--tier', tier];
      const env = cleanEnvironment();
      const [dry, real] = await Promise.all([
        run([...command, '--dry-run', ...argv], { env }),
        run([...command, ...argv], { env }),
      ]);
      expect({ tier, status: dry.status, stderr: dry.stderr }).toEqual({
        tier,
        status: real.status,
        stderr: real.stderr,
      });
      if (dry.status !== 0) refused.push(dry);
    }
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, stdout, stderr } of refused) {
      expect([125, 126, 127]).toContain(status);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^alfwrapper: [^\n]+\n/);
    }
  }
});
