import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { attempt } from '../support/client.js';
import { makeNetwork } from '../support/network.js';
import { commandsOf, fencedBlocks } from '../support/readme.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, installed, type Running, run, start } from '../support/run.js';

const COMMANDS = commandsOf('README.md');

/** Commands that go on running, and what they say when they serve. */
const DAEMONS: Readonly<Record<string, RegExp>> = {
  './alfwrapper --port 8080 --allow 127.0.0.1,::1 -- scripts/echod.sh': /Listening on \[::\]:8080 as 3\./,
  './alfwrapper --port 8080 --allow private,2001:db8::/32 -- scripts/echod.sh':
    /Listening on \[::\]:8080 as 3\./,
  './alfwrapper --port 8080 --policy examples/web.rules -- scripts/echod.sh':
    /Listening on \[::\]:8080 as 3\./,
  './alfwrapper -v --port 8080 --allow private --accept --inetd --max-per-source 10 -- cat': /locked, fd 3/,
  'npm start': /Listening on \[::\]:4242 as 3\./,
  'npm start -- --port 4300 ebpf/whitelist-private.c scripts/echod.sh': /Listening on \[::\]:4300 as 3\./,
  './alfwrapper --address :: --port 4242 ebpf/whitelist-private.c scripts/echod.sh':
    /Listening on \[::\]:4242 as 3\./,
  './alfwrapper --address :: --port 4242 --set allow4,uint32_t:0,subnet4:127.0.0.1/24 --set allow6,uint32_t:0,subnet6:::1/128 ebpf/whitelist.c scripts/echod.sh':
    /Listening on \[::\]:4242 as 3\./,
  './alfwrapper --set ports,0,15000 --set ports,1,15001 --set ports,2,15002 ebpf/knocking.c scripts/echod.sh':
    /Listening on \[::\]:4242 as 3\./,
  'examples/port-knocking-server.sh': /Listening on \[::\]:4242 as 3\./,
};

/** Commands that end, and what they print. */
const OTHERS: Readonly<Record<string, RegExp>> = {
  "./alfwrapper --listen 8080 --listen udp:8080 --rule 'allow in on lo' --rule 'allow from 192.0.2.0/24 port 1024-65535' -- true":
    /^$/,
  "./alfwrapper --listen 8080 --listen udp:8080 --listen @web --allow private --rule 'allow proto unix' -- true":
    /^$/,
  './alfwrapper --port 80 --allow private --user www-data -- id': /^uid=33\(www-data\) /,
  './alfwrapper check --allow private --deny 10.0.0.0/8 10.0.0.1':
    /^10\.0\.0\.1 allow: allow from private \(--allow\)\n$/,
  './alfwrapper check --policy examples/web.rules --on eth0 --to 192.0.2.1:443 203.0.113.9':
    /^203\.0\.113\.9 allow: allow from @monitoring to any port 443 \(examples\/web\.rules:8\)\n$/,
  './alfwrapper fmt examples/web.rules': /^# Allows the office/,
  './alfwrapper explain --tier steer --allow private': /steer/,
  './alfwrapper doctor': /ebpf/,
  './alfwrapper inspect ebpf/whitelist.c': /\n {2}set with --set allow6,SLOT,KEY\n$/,
  './alfwrapper completion bash': /^complete -F _alfwrapper alfwrapper$/m,
  './alfwrapper --dry-run --json --allow private -- true': /^\{\n {2}"filter": \{\n {4}"name": "policy"/,
  './alfwrapper --set allow6,0,::1/128 ebpf/subnets.c true': /^$/,
  './alfwrapper --set interfaces,0,lo ebpf/interfaces.c true': /^$/,
};

/** Commands that need another one beside them. */
const CLIENTS: Readonly<Record<string, readonly [daemon: string, prints: RegExp]>> = {
  'printf hi | ncat -w1 ::1 4242': ['npm start', /^hi$/],
  'printf hi | ncat -w1 127.0.0.1 4242': ['npm start', /^hi$/],
  'examples/port-knocking-client.sh': ['examples/port-knocking-server.sh', /alfwrapper says hello\n$/],
};

/** Commands about the filter in the README, and what they print. */
const OWN_FILTER: Readonly<Record<string, RegExp>> = {
  './alfwrapper my.c true': /^$/,
  './alfwrapper inspect my.c': /^filter my: C in libbpf style/,
  "./alfwrapper try my.c --packet 'tcp 192.0.2.1:40000 to 192.0.2.2:80' --packet 'udp 2001:db8::1 data hello'":
    /^tcp 192\.0\.2\.1:40000 to 192\.0\.2\.2:80: allow\nudp \[2001:db8::1\]:40000 to \[2001:db8::2\]:4242: allow\n$/,
};

/** Commands with a test of their own below; `npm test` is what runs this. */
const ELSEWHERE = [
  'npm test',
  'sudo setpriv --reuid "$USER" --regid "$USER" --init-groups --inh-caps +bpf,+perfmon --ambient-caps +bpf,+perfmon ./alfwrapper whitelist-private id',
  ...Object.keys(OWN_FILTER),
];

describeWith(['root', 'bpf', 'netns', 'ncat'], 'README.md', () => {
  const network = makeNetwork();
  const shell = (command: string) => [...network.server, 'sh', '-c', command];
  // npm is slow to start and asks the network for news of itself if it is allowed to.
  const env = cleanEnvironment({ HOME: process.env['HOME'] ?? '/', NO_UPDATE_NOTIFIER: '1' });

  async function serve(command: string): Promise<Running> {
    // A group of its own, so that the end of the test reaches the daemon behind npm and the shell.
    const daemon = start(shell(command), { env, detached: true });
    onTestFinished(async () => {
      try {
        process.kill(-daemon.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
      await daemon.ended();
    });
    await daemon.until(DAEMONS[command] ?? /./);
    return daemon;
  }

  it('has no command that is not run here', () => {
    const run = [...Object.keys(DAEMONS), ...Object.keys(OTHERS), ...Object.keys(CLIENTS), ...ELSEWHERE];
    expect([...COMMANDS].sort()).toEqual(run.sort());
  });

  it('opens with the one command that needs no privilege, then shows both set-up commands', () => {
    const [first, second] = fencedBlocks('README.md', 'sh');
    expect(first).toBe('./alfwrapper --port 8080 --allow 127.0.0.1,::1 -- scripts/echod.sh\n');
    expect(second).toBe('npm start\nnpm test\n');
  });

  it('keeps the promise of that command', async () => {
    const nobody = 'setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all --inh-caps -all';
    const [command = ''] = fencedBlocks('README.md', 'sh');
    const words = command
      .trim()
      .replace('./', installed(''))
      .replace('scripts/', installed('scripts/'))
      .split(' ');
    const daemon = start([...network.server, ...nobody.split(' '), ...words]);
    await daemon.until(/Listening on \[::\]:8080 as 3\./);
    expect(await attempt(network.server, { to: '127.0.0.1', port: 8080 })).toBe('echo');
    expect(await attempt(network.server, { to: '::1', port: 8080 })).toBe('echo');
    expect(await attempt(network.server, { from: '127.0.0.2', to: '127.0.0.1', port: 8080 })).toBe('timeout');
  });

  it.each(Object.keys(DAEMONS))(
    '$ %s',
    async (command) => {
      await serve(command);
    },
    60_000,
  );

  it.each(Object.entries(OTHERS))('$ %s', async (command, prints) => {
    const { status, stdout } = await run(shell(command), { env });
    expect(status).toBe(0);
    expect(stdout).toMatch(prints);
  });

  it.each(Object.entries(CLIENTS))(
    '$ %s',
    async (command, [daemon, prints]) => {
      await serve(daemon);
      const { stdout } = await run(shell(command), { env });
      expect(stdout).toMatch(prints);
    },
    60_000,
  );

  it('tells how a user gets the capability, and that the program does not', async () => {
    const [, , , options = ''] = /^(sudo) (setpriv) (.*?) \.\/alfwrapper/.exec(ELSEWHERE[1] ?? '') ?? [];
    const user = options.replaceAll('"$USER"', '65534').replace('--init-groups', '--clear-groups').split(' ');
    const wrapped = [installed('alfwrapper'), 'whitelist-private', 'grep', 'CapEff', '/proc/self/status'];
    const { stdout } = await run([...network.server, 'setpriv', ...user, ...wrapped]);
    expect(stdout).toBe('CapEff:\t0000000000000000\n');
  });

  it.each(Object.entries(OWN_FILTER))('runs the filter that it shows: %s', async (command, prints) => {
    const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-readme-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'my.c'), fencedBlocks('README.md', 'c')[0] ?? '');
    const here = command.replace('my.c', `${directory}/my.c`);
    const cached = { ...env, XDG_CACHE_HOME: directory };
    const { status, stdout, stderr } = await run(shell(here), { env: cached });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(prints);
  });

  it('shows a unit that systemd accepts', () => {
    const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-unit-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    chmodSync(directory, 0o755);
    const unit = join(directory, 'example.service');
    const text = (fencedBlocks('README.md', 'ini')[0] ?? '').replace(
      /^ExecStart=.*$/m,
      `ExecStart=${installed('alfwrapper')} --port 8080 whitelist-private /bin/cat`,
    );
    writeFileSync(unit, text);
    const said = execFileSync('systemd-analyze', ['verify', '--man=no', unit], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(said).toBe('');
    expect(readFileSync('README.md', 'utf8')).toContain('ExecStart=/opt/alfwrapper/alfwrapper');
  });
});
