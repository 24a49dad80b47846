import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanEnvironment, installed } from '../support/run.js';

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-check-'));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));
const RULES = join(directory, 'web.rules');
writeFileSync(
  RULES,
  '# web\ndeny from 203.0.113.0/24\nallow in on eth0 proto tcp from any to any port 80,443\n',
);

/** Runs a command with something on its standard input. */
function command(argv: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(installed('alfwrapper'), argv, {
    input,
    encoding: 'utf8',
    env: cleanEnvironment(),
  });
  return { status, stdout, stderr };
}

describe('check', () => {
  it.each([
    [['--allow', 'private', '10.0.0.1'], 0, '10.0.0.1 allow: allow from private (--allow)\n'],
    [['--allow', 'private', '192.0.2.1'], 1, '192.0.2.1 deny: default\n'],
    [['--deny', '10.0.0.1', '192.0.2.1:80'], 0, '192.0.2.1:80 allow: default\n'],
    [
      ['--deny', '10.0.0.1', '--allow', 'private', '10.0.0.1', '::ffff:10.0.0.2'],
      1,
      '10.0.0.1 deny: deny from 10.0.0.1 (--deny)\n::ffff:10.0.0.2 allow: allow from private (--allow)\n',
    ],
    [
      ['--policy', RULES, '--on', 'eth0', '--to', '192.0.2.1:443', '203.0.113.9', '198.51.100.1'],
      1,
      `203.0.113.9 deny: deny from 203.0.113.0/24 (${RULES}:2)\n198.51.100.1 allow: allow in on eth0 proto tcp from any to any port 80,443 (${RULES}:3)\n`,
    ],
    [
      ['--policy', RULES, '--on', 'eth0', '--to', '192.0.2.1:443', '--proto', 'udp', '198.51.100.1'],
      1,
      '198.51.100.1 deny: default\n',
    ],
    [
      ['--policy', RULES, '--on', 'eth1', '--to', '[2001:db8::1]:443', '[2001:db8::2]:1024'],
      1,
      '[2001:db8::2]:1024 deny: default\n',
    ],
  ])('%j: status %i', (argv, status, stdout) => {
    expect(command(['check', ...argv])).toEqual({ status, stdout, stderr: '' });
  });

  it('reads addresses from standard input', () => {
    const { status, stdout } = command(['check', '--allow', '::1', '-'], '::1 # local\n\n# none\n::2\n');
    expect({ status, stdout }).toEqual({
      status: 1,
      stdout: '::1 allow: allow from ::1 (--allow)\n::2 deny: default\n',
    });
  });

  it('reads rules from standard input', () => {
    const { status, stdout } = command(['check', '--policy', '-', '::1'], '\nallow from ::1\n');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '::1 allow: allow from ::1 (<stdin>:2)\n' });
  });

  it('prints JSON, a line for each', () => {
    const { stdout } = command(['check', '--json', '--allow', '::1', '::1', '::2']);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        address: '::1',
        verdict: 'allow',
        rule: 'allow from ::1',
        location: { file: '--allow', line: 1, column: 1 },
      },
      { address: '::2', verdict: 'deny' },
    ]);
  });

  it('warns on standard error', () => {
    const { status, stderr } = command(['check', '--allow', '127.0.0.1/24', '127.0.0.9']);
    expect(status).toBe(0);
    expect(stderr).toBe(
      'alfwrapper: warning: --allow:1: 127.0.0.1/24 has bits set below its prefix length and means 127.0.0.0/24\n',
    );
  });

  it.each([
    [[], 'no rules given\n  hint: give --allow, --deny, --rule or --policy'],
    [['--allow', '::1'], 'no address given\n  hint: expected: alfwrapper check [rules] ADDR[:PORT]…'],
    [
      ['--allow', '::1', '--proto', 'xyz', '::1'],
      'xyz is not a protocol\n  hint: expected tcp, udp, icmp, …',
    ],
    [
      ['--allow', '::1', '--to', '10.0.0.1', '::1'],
      '::1 and 10.0.0.1 are of different families\n  hint: give both as IPv4 or both as IPv6',
    ],
    [
      ['--rule', 'allow in on lo', '::1'],
      'the answer depends on the interface: allow in on lo (--rule)\n  hint: give it: --on IF',
    ],
    [
      ['--rule', 'allow from any port 53', '::1'],
      'the answer depends on the source port: allow from any port 53 (--rule)\n  hint: give it: ADDR:PORT',
    ],
    [
      ['--rule', 'allow to ::1', '::1'],
      'the answer depends on the destination: allow to ::1 (--rule)\n  hint: give it: --to ADDR',
    ],
    [
      ['--rule', 'allow to any port 80', '--to', '::1', '::1'],
      'the answer depends on the destination port: allow to any port 80 (--rule)\n  hint: give it: --to ADDR:PORT',
    ],
  ])('refuses %j with status 2', (argv, message) => {
    expect(command(['check', ...argv])).toEqual({
      status: 2,
      stdout: '',
      stderr: `alfwrapper: ${message}\n`,
    });
  });

  it('refuses what is no address, no rule and no file with status 2', () => {
    for (const argv of [
      ['--allow', '::1', '300.0.0.1'],
      ['--rule', 'alow from ::1', '::1'],
      ['--policy', '/nowhere/web.rules', '::1'],
    ]) {
      const { status, stdout, stderr } = command(['check', ...argv]);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^alfwrapper: \S.*\n( {2}hint: .*\n)?$/);
    }
  });
});

describe('fmt', () => {
  const UNTIDY = '# a comment\nallow   from 10.0.0.0/8,2001:DB8:0::/32   # those\ndefault   deny\n';
  const TIDY = '# a comment\nallow from 10.0.0.0/8, 2001:db8::/32 # those\ndefault deny\n';

  it('prints the canonical form, and that as it is', () => {
    expect(command(['fmt', '-'], UNTIDY)).toEqual({ status: 0, stdout: TIDY, stderr: '' });
    expect(command(['fmt', '-'], TIDY)).toEqual({ status: 0, stdout: TIDY, stderr: '' });
  });

  it('reads a file', () => {
    expect(command(['fmt', RULES])).toEqual({
      status: 0,
      stdout: '# web\ndeny from 203.0.113.0/24\nallow in on eth0 proto tcp from any to any port 80, 443\n',
      stderr: '',
    });
  });

  it.each([
    [[], 'fmt takes one file\n  hint: expected: alfwrapper fmt FILE'],
    [['a', 'b'], 'fmt takes one file\n  hint: expected: alfwrapper fmt FILE'],
    [['/nowhere/web.rules'], 'unable to read /nowhere/web.rules: no such file or directory (ENOENT)'],
  ])('refuses %j with status 2', (argv, message) => {
    expect(command(['fmt', ...argv])).toEqual({ status: 2, stdout: '', stderr: `alfwrapper: ${message}\n` });
  });

  it('refuses a rule that is none, with its place', () => {
    const { status, stderr } = command(['fmt', '-'], 'allow from ::1\nallow form ::1\n');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^alfwrapper: <stdin>:2:7: /);
  });
});
