import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { installed, run } from '../support/run.js';

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-interfaces-'));
afterAll(() => rmSync(directory, { recursive: true }));
const LONG = 'enp0s31f6-port-0-of-the-office';

describeWith(['root', 'bpf', 'netns'], 'interfaces that rules name', () => {
  const { server } = makeNetwork();
  const ip = (...args: string[]) => {
    const [program = '', ...command] = [...server, 'ip', ...args];
    execFileSync(program, command);
  };
  const alf = (...argv: string[]) => run([...server, installed('alfwrapper'), ...argv], { cwd: directory });
  const LISTEN = ['--listen', '127.0.0.1:0'];

  beforeAll(() => {
    ip('link', 'property', 'add', 'dev', 'wire', 'altname', 'lan', 'altname', LONG);
    ip('link', 'add', 'br0', 'type', 'bridge');
    ip('link', 'add', 'port0', 'type', 'veth', 'peer', 'name', 'peer0');
    ip('link', 'set', 'port0', 'master', 'br0');
    ip('link', 'property', 'add', 'dev', 'port0', 'altname', 'socket-on-the-wall');
  });

  it.each(['wire', 'lan', LONG])('are the same by the name %s, in rules and in check --on', async (name) => {
    for (const on of ['wire', 'lan', LONG]) {
      const { status, stdout, stderr } = await alf(
        'check',
        '--rule',
        `deny in on ${name}`,
        '--on',
        on,
        '10.0.0.1',
      );
      expect({ status, stdout, stderr }).toEqual({
        status: 1,
        stdout: `10.0.0.1 deny: deny in on ${name} (--rule)\n`,
        stderr: '',
      });
    }
  });

  it.each(['ebpf', 'classic', 'steer'])(
    'start a launch under an alternative name on tier %s',
    async (tier) => {
      for (const name of ['lan', LONG]) {
        const rule = ['--tier', tier, ...LISTEN, '--rule', `allow in on ${name}`];
        expect(await alf(...rule, '--', 'true')).toMatchObject({ status: 0, stderr: '' });
        expect(await alf('--dry-run', ...rule, '--', 'true')).toMatchObject({ status: 0, stderr: '' });
        expect(await alf('explain', ...rule)).toMatchObject({ status: 0, stderr: '' });
      }
    },
  );

  it.each(['port0', 'socket-on-the-wall'])('are warned of if they are ports: %s', async (port) => {
    const why = `${port} is a port of br0: its packets arrive on br0, and never on ${port}`;
    const rule = ['--rule', `deny in on ${port}`];
    const warning = `alfwrapper: warning: --rule:1: ${why}\n`;
    expect((await alf('check', ...rule, '--on', 'lo', '::1')).stderr).toBe(warning);
    for (const command of [['explain'], ['--dry-run'], []])
      expect(await alf(...command, ...LISTEN, ...rule, '--', 'true')).toMatchObject({
        status: 0,
        stderr: warning,
      });
  });

  it('are seen by check as the kernel does: a port by its master', async () => {
    const { status, stderr } = await alf('check', '--rule', 'deny in on br0', '--on', 'port0', '::1');
    expect(status).toBe(1);
    expect(stderr).toBe(
      'alfwrapper: warning: port0 is a port of br0: its packets arrive on br0, and never on port0\n',
    );
  });

  it('are warned of in maps of a filter as well', async () => {
    const set = ['--set', 'interfaces,0,port0'];
    const { status, stderr } = await alf('--dry-run', ...LISTEN, ...set, 'ebpf/interfaces.c', 'true');
    expect(status).toBe(0);
    expect(stderr).toBe(
      'alfwrapper: warning: port0 is a port of br0: its packets arrive on br0, and never on port0\n',
    );
  });
});

describeWith([], 'rules that are never reached', () => {
  const rules = join(directory, 'web.rules');
  writeFileSync(rules, 'deny from any\nallow from 10.0.0.1\nallow from @list\nset list file list.txt\n');
  const warning = `alfwrapper: warning: ${rules}:2: "allow from 10.0.0.1" is never reached (and 1 more rule): deny from any (${rules}:1) matches every packet that it matches\n`;

  it('are warned of by check, explain, a dry run and a launch', async () => {
    writeFileSync(join(directory, 'list.txt'), '192.0.2.1\n');
    const given = ['--policy', rules];
    const listen = ['--listen', 'udp:127.0.0.1:0'];
    for (const argv of [
      ['check', ...given, '::1'],
      ['explain', ...listen, ...given],
      ['--dry-run', ...listen, ...given, '--', 'true'],
      [...listen, ...given, '--', 'true'],
    ])
      expect((await run([installed('alfwrapper'), ...argv])).stderr).toBe(warning);
  });

  it('are warned of by fmt, which reads no list', async () => {
    rmSync(join(directory, 'list.txt'), { force: true });
    expect(await run([installed('alfwrapper'), 'fmt', rules])).toMatchObject({ status: 0, stderr: warning });
  });
});
