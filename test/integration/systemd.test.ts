import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { expectServed, remote } from '../support/attempts.js';
import { attempt } from '../support/client.js';
import { HTTP_EXCHANGE } from '../support/exchanges.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, run } from '../support/run.js';
import { type Manager, startManager } from '../support/systemd.js';

const { client, server } = ADDRESS;

/** Of a unit's drop-in: without the capability that is lent, for the tiers that do without. */
const NO_CAPABILITY = '[Service]\nAmbientCapabilities=\nCapabilityBoundingSet=\n';

const UNIT = 'mydaemon.service';

describeWith(['root', 'bpf', 'netns', 'systemd'], 'a manager runs the units of contrib/systemd', () => {
  const network = makeNetwork();

  /** Private addresses are served and others are not, over each protocol. */
  async function expectFiltered(protocols: readonly ('tcp' | 'udp')[], more = {}) {
    for (const protocol of protocols) {
      await expectServed(
        network,
        [remote(client.private4, server.private4), remote(client.private6, server.private6)],
        [remote(client.public4, server.public4), remote(client.public6, server.public6)],
        { protocol, ...more },
      );
    }
  }

  /** What every daemon can expect of its unit: it is the main process, and can be reloaded, restarted and stopped. */
  async function expectLife(
    manager: Manager,
    unit: string,
    {
      processes,
      check,
      with: others = [],
    }: { processes: readonly string[]; check: () => Promise<void>; with?: readonly string[] },
  ) {
    const succeed = async (verb: string, ...more: readonly string[]) => {
      const { status, stderr } = await manager.systemctl(verb, unit, ...more);
      expect(status, await manager.output(unit)).toBe(0);
      expect(stderr).toBe('');
    };
    const main = async () => Number(await manager.show(unit, 'MainPID'));
    const expectProcesses = async () => expect(await manager.processes(unit)).toEqual(processes);
    // At once where the daemon says that it is ready; without that, what runs may still be on its way to become it.
    const expectRunning = async () =>
      (await manager.show(unit, 'Type')) === 'notify'
        ? expectProcesses()
        : vi.waitFor(expectProcesses, { timeout: 10_000 });

    await succeed('start');
    expect(await manager.show(unit, 'ActiveState')).toBe('active');
    await expectRunning();
    const first = await main();
    expect(await manager.comm(first)).toBe(processes[0]);
    await check();

    await succeed('reload');
    expect(await main()).toBe(first);

    await succeed('restart');
    expect(await main()).not.toBe(first);
    await expectRunning();
    await check();

    await succeed('stop', ...others);
    expect(await manager.show(unit, 'ActiveState')).toBe('inactive');
    expect(await manager.show(unit, 'Result')).toBe('success');
    expect(await manager.processes(unit)).toEqual([]);
    expect(manager.warnings()).toEqual([]);
  }

  it('a hardened system service, on tier ebpf', async () => {
    const manager = await startManager({
      kind: 'system',
      where: network.server,
      units: { [UNIT]: `contrib:${UNIT}` },
    });
    await expectLife(manager, UNIT, {
      // No companion: it is the tier that needs none.
      processes: ['mydaemon'],
      check: async () => {
        const status = await manager.read(`/proc/${await manager.show(UNIT, 'MainPID')}/status`);
        expect(status).toMatch(/^NoNewPrivs:\t1$/m);
        expect(status.match(/^Cap(Inh|Prm|Eff|Amb):\t0{16}$/gm)).toHaveLength(4);
        await expectFiltered(['tcp', 'udp']);
      },
    });
    const said = ['3 stream tcp-4242', '4 datagram udp-4242', 'watchdog 30000000', 'ready'];
    expect(await manager.output(UNIT)).toBe(
      [...said, 'reloaded', 'stopped', ...said, 'stopped', ''].join('\n'),
    );
  });

  it('the same without a capability, on tiers steer and classic', async () => {
    const manager = await startManager({
      kind: 'system',
      where: network.server,
      units: { [UNIT]: `contrib:${UNIT}`, [`${UNIT}.d/less.conf`]: NO_CAPABILITY },
    });
    await expectLife(manager, UNIT, {
      processes: ['mydaemon', 'alf-companion', 'alf-standby'],
      check: () => expectFiltered(['tcp', 'udp']),
    });
  });

  it('the same in a user namespace, where the capability does not count', async () => {
    const manager = await startManager({
      kind: 'system',
      where: network.server,
      units: { [UNIT]: `contrib:${UNIT}`, [`${UNIT}.d/users.conf`]: '[Service]\nPrivateUsers=yes\n' },
    });
    expect(await manager.systemctl('start', UNIT)).toMatchObject({ status: 0, stderr: '' });
    expect(await manager.processes(UNIT)).toEqual(['mydaemon', 'alf-companion', 'alf-standby']);
    await expectFiltered(['tcp', 'udp']);
  });

  it('the same on a port below 1024, with the capability for that', async () => {
    const both = 'CAP_BPF CAP_NET_BIND_SERVICE';
    const start = `ExecStart=\nExecStart=/opt/alfwrapper/alfwrapper --listen 80 --allow private -- /opt/mydaemon/mydaemon`;
    const more = `[Service]\n${start}\nAmbientCapabilities=${both}\nCapabilityBoundingSet=${both}\n`;
    const manager = await startManager({
      kind: 'system',
      where: network.server,
      units: { [UNIT]: `contrib:${UNIT}`, [`${UNIT}.d/low.conf`]: more },
    });
    expect(await manager.systemctl('start', UNIT)).toMatchObject({ status: 0, stderr: '' });
    expect(await manager.processes(UNIT)).toEqual(['mydaemon']);
    const status = await manager.read(`/proc/${await manager.show(UNIT, 'MainPID')}/status`);
    expect(status.match(/^Cap(Inh|Prm|Eff|Amb):\t0{16}$/gm)).toHaveLength(4);
    await expectFiltered(['tcp'], { port: 80 });
  });

  it('a service of an ordinary user', async () => {
    const manager = await startManager({
      kind: 'user',
      where: network.server,
      units: { [UNIT]: `contrib:user/${UNIT}` },
    });
    await expectLife(manager, UNIT, {
      processes: ['mydaemon', 'alf-companion', 'alf-standby'],
      check: async () => {
        const status = await manager.read(`/proc/${await manager.show(UNIT, 'MainPID')}/status`);
        expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
        expect(status).toMatch(/^CapBnd:\t0{16}$/m);
        await expectFiltered(['tcp']);
      },
    });
  });

  it('an instance of the template, for a daemon of the distribution', async () => {
    const manager = await startManager({
      kind: 'system',
      where: network.server,
      units: { 'alfwrapper@.service': 'contrib:alfwrapper@.service' },
      etc: {
        'alfwrapper/web.conf':
          'OPTIONS=--listen 4242 --policy /etc/alfwrapper/web.rules\nPROGRAM=lighttpd\nARGUMENTS=-D -f /etc/alfwrapper/lighttpd.conf\n',
        'alfwrapper/web.rules': 'allow from private\n',
        'alfwrapper/index.html': HTTP_EXCHANGE.part,
        'alfwrapper/lighttpd.conf':
          'server.systemd-socket-activation = "enable"\nserver.port = 4242\nserver.document-root = "/etc/alfwrapper"\nindex-file.names = ("index.html")\n',
      },
    });
    await expectLife(manager, 'alfwrapper@web.service', {
      processes: ['lighttpd'],
      check: () => expectFiltered(['tcp'], { exchange: HTTP_EXCHANGE }),
    });
  });

  describe('sockets that the manager holds', () => {
    const SOCKET = 'mydaemon.socket';

    const startSocketUnits = (more: Record<string, string> = {}) =>
      startManager({
        kind: 'system',
        where: network.server,
        units: { [SOCKET]: `contrib:socket/${SOCKET}`, [UNIT]: `contrib:socket/${UNIT}`, ...more },
      });

    const succeed = async (manager: Manager, ...verb: string[]) =>
      expect(await manager.systemctl(...verb), await manager.output(UNIT)).toMatchObject({
        status: 0,
        stderr: '',
      });

    const visit = (from: string, to: string) => attempt(network.client, { from, to, timeoutMs: 8000 });

    it('reach the daemon filtered and with their names, at every start', async () => {
      const manager = await startSocketUnits();
      await expectLife(manager, UNIT, {
        processes: ['mydaemon'],
        // Which stops anyway, but a moment later: systemctl warns of a socket that could still start the service.
        with: [SOCKET],
        check: async () => {
          expect(await manager.show(SOCKET, 'ActiveState')).toBe('active');
          await expectFiltered(['tcp', 'udp']);
        },
      });
      const said = ['3 stream mydaemon', '4 datagram mydaemon', 'watchdog 0', 'ready'];
      expect(await manager.output(UNIT)).toBe(
        [...said, 'reloaded', 'stopped', ...said, 'stopped', ''].join('\n'),
      );
    });

    it('are renewed when the manager starts a daemon that has failed anew', async () => {
      const manager = await startSocketUnits({ [`${UNIT}.d/soon.conf`]: '[Service]\nRestartSec=0\n' });
      await succeed(manager, 'start', UNIT);
      const first = await manager.show(UNIT, 'InvocationID');
      await succeed(manager, 'kill', '--signal=KILL', UNIT);
      // Not by NRestarts, which systemd 257 sets back when the start of the socket is what starts the daemon.
      await manager.until(UNIT, 'InvocationID', (id) => id !== first && id !== '');
      await manager.until(UNIT, 'ActiveState', (state) => state === 'active');
      await expectFiltered(['tcp', 'udp']);
    });

    it('serve no denied client while the daemon restarts', async () => {
      const manager = await startSocketUnits();
      await succeed(manager, 'start', UNIT);
      let restarting = true;
      const seen = new Set<string>();
      const denied = async (from: string, to: string) => {
        while (restarting) seen.add(await attempt(network.client, { from, to, timeoutMs: 100 }));
      };
      const knocking = [denied(client.public4, server.public4), denied(client.public6, server.public6)];
      for (let i = 0; i < 3; i++) await succeed(manager, 'restart', UNIT);
      restarting = false;
      await Promise.all(knocking);
      expect([...seen]).not.toContain('echo');
      await expectFiltered(['tcp']);
    });

    it('start the daemon on demand: an allowed client is served', async () => {
      const manager = await startSocketUnits();
      await succeed(manager, 'start', SOCKET);
      expect(await manager.show(UNIT, 'ActiveState')).toBe('inactive');
      expect(await visit(client.private4, server.private4)).toBe('echo');
      expect(await manager.show(UNIT, 'ActiveState')).toBe('active');
      expect(await manager.output(UNIT)).not.toContain('arrived before');
      await expectFiltered(['tcp', 'udp']);
    });

    it('start the daemon on demand: a denied client is reset', async () => {
      const manager = await startSocketUnits();
      await succeed(manager, 'start', SOCKET);
      expect(await visit(client.public6, server.public6)).toBe('ECONNRESET');
      await manager.until(UNIT, 'ActiveState', (state) => state === 'active');
      expect(await manager.output(UNIT)).toMatch(/: reset 1 connection that arrived before the filter: /);
      await expectFiltered(['tcp', 'udp']);
    });

    it('reset all that wait where the daemon has a network of its own', async () => {
      const gate = '/run/output/gate';
      const manager = await startSocketUnits({
        [`${UNIT}.d/alone.conf`]: `[Service]\nPrivateNetwork=yes\nExecStartPre=/bin/sh -c 'read -r _ < ${gate}'\n`,
      });
      await run([...manager.inside, 'mkfifo', '-m', '666', gate]);
      await succeed(manager, 'start', SOCKET);
      const outcomes = [visit(client.private4, server.private4), visit(client.public6, server.public6)];
      await vi.waitFor(
        async () => {
          const { stdout } = await run([...network.server, 'ss', '-Hltn', 'sport = :4242']);
          expect(stdout).toMatch(/^LISTEN +2 /);
        },
        { timeout: 10_000 },
      );
      await run([...manager.inside, 'sh', '-c', `echo > ${gate}`]);
      expect(await Promise.all(outcomes)).toEqual(['ECONNRESET', 'ECONNRESET']);
      await manager.until(UNIT, 'ActiveState', (state) => state === 'active');
      await expectFiltered(['tcp', 'udp']);
    });
  });

  it('and its watchdog ends a daemon that hangs', async () => {
    const manager = await startManager({
      kind: 'system',
      where: network.server,
      units: {
        [UNIT]: `contrib:${UNIT}`,
        [`${UNIT}.d/soon.conf`]: '[Service]\nWatchdogSec=1\nRestartSec=0\nRestart=on-watchdog\n',
      },
    });
    await manager.systemctl('start', UNIT);
    const pinged = await manager.show(UNIT, 'WatchdogTimestampMonotonic');
    await manager.until(UNIT, 'WatchdogTimestampMonotonic', (now) => now !== pinged);
    const first = await manager.show(UNIT, 'MainPID');
    await manager.systemctl('kill', '--signal=STOP', UNIT);
    await manager.until(UNIT, 'NRestarts', (count) => count === '1');
    await manager.until(UNIT, 'ActiveState', (state) => state === 'active');
    expect(await manager.show(UNIT, 'MainPID')).not.toBe(first);
    await expectFiltered(['tcp']);
  });

  describe('the companion of tier steer', () => {
    const STEER = '/opt/alfwrapper/alfwrapper --tier steer --listen 4242 --allow private --';

    const startUnit = async (text: string) => {
      const manager = await startManager({
        kind: 'system',
        where: network.server,
        units: { 'kept.service': `[Unit]\nDefaultDependencies=no\n[Service]\n${text}\n` },
      });
      expect(await manager.systemctl('start', 'kept.service')).toMatchObject({ status: 0, stderr: '' });
      return manager;
    };

    it.each(['control-group', 'mixed', 'process'])(
      'leaves with the daemon, with KillMode=%s',
      async (mode) => {
        const manager = await startUnit(
          `Type=notify\nKillMode=${mode}\nExecStart=${STEER} /opt/mydaemon/mydaemon`,
        );
        expect(await manager.processes('kept.service')).toEqual(['mydaemon', 'alf-companion', 'alf-standby']);
        for (const verb of ['restart', 'restart', 'stop'])
          expect(await manager.systemctl(verb, 'kept.service')).toMatchObject({ status: 0, stderr: '' });
        await manager.until('kept.service', 'ControlGroup', (group) => group === '');
        // With the last one systemd leaves the companion alone, and says so: it ends by itself.
        if (mode !== 'process') expect(manager.warnings()).toEqual([]);
      },
    );

    it.each(['simple', 'exec', 'oneshot'])('does not keep a unit of Type=%s active', async (type) => {
      const manager = await startUnit(`Type=${type}\nExecStart=${STEER} /bin/true`);
      await manager.until('kept.service', 'ActiveState', (state) => state === 'inactive');
      expect(await manager.show('kept.service', 'Result')).toBe('success');
      expect(await manager.read('/sys/fs/cgroup/system.slice/kept.service/cgroup.procs')).toBe('');
      expect(manager.warnings()).toEqual([]);
    });

    it('takes the unit with it if both processes are killed, and the manager restarts it', async () => {
      const manager = await startUnit(
        `Type=notify\nRestart=on-failure\nRestartSec=0\nExecStart=${STEER} /opt/mydaemon/mydaemon`,
      );
      const kill =
        'for s in STOP KILL; do kill -$s $(cat /sys/fs/cgroup/system.slice/kept.service/cgroup.procs | while read pid; do grep -q ^alf- /proc/$pid/comm && echo $pid; done); done';
      await run([...manager.inside, 'sh', '-c', kill]);
      await manager.until('kept.service', 'NRestarts', (count) => count === '1');
      await manager.until('kept.service', 'ActiveState', (state) => state === 'active');
      expect(await manager.processes('kept.service')).toEqual(['mydaemon', 'alf-companion', 'alf-standby']);
      await expectFiltered(['tcp']);
    });
  });
});

// As another user systemd-analyze makes a directory in /run/systemd, where no manager may run.
describeWith(['root', 'systemd'], 'the units of contrib/systemd', () => {
  const UNITS = readdirSync('contrib/systemd', { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(service|socket)$/.test(name),
  );

  /** A copy of them in which every command is there. */
  const unpack = () => {
    const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-units-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    chmodSync(directory, 0o755);
    for (const name of ['socket', 'user']) mkdirSync(join(directory, name));
    for (const name of UNITS) {
      cpSync(join('contrib/systemd', name), join(directory, name));
      const text = readFileSync(join(directory, name), 'utf8')
        .replaceAll('/opt/alfwrapper/alfwrapper', installed('alfwrapper'))
        .replaceAll('/opt/mydaemon/mydaemon', fixture('sd-daemon'));
      writeFileSync(join(directory, name), text);
    }
    return directory;
  };

  it.each(UNITS)('systemd has nothing to say about %s', (name) => {
    const directory = unpack();
    const unit = name.replace('@.', '@web.');
    const kind = name.startsWith('user/') ? ['--user'] : [];
    const env = { ...process.env, XDG_RUNTIME_DIR: directory };
    const words = ['verify', '--man=no', ...kind, join(directory, unit)];
    expect(execFileSync('systemd-analyze', words, { encoding: 'utf8', stdio: 'pipe', env })).toBe('');
  });

  it('the hardened one is exposed by 3.6 of 10 at most', () => {
    const unit = join('contrib/systemd', UNIT);
    const words = ['security', '--offline=true', '--threshold=36', '--no-pager', unit];
    const report = execFileSync('systemd-analyze', words, { encoding: 'utf8', stdio: 'pipe' });
    console.log(/→ (Overall .*)/.exec(report)?.[1]);
    expect(report).toMatch(/Overall exposure level for mydaemon\.service: [0-3]\.\d/);
  });
});
