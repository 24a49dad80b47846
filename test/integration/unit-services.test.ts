import { expect, it } from 'vitest';
import { expectServed, remote } from '../support/attempts.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { run } from '../support/run.js';
import { DEBIAN_SERVICES, type DebianService, unitFilesOf } from '../support/services.js';
import { type Manager, startManager } from '../support/systemd.js';

const { client, server } = ADDRESS;

const DROP_IN = '50-alfwrapper.conf';

/** With KillMode=process, as ssh has it, systemd looks when the daemon has ended; the companion leaves a moment later. */
const LEAVING = /\(alf-companion\) remains running after unit stopped/;

describeWith(['root', 'bpf', 'netns', 'systemd', 'services'], 'alfwrapper unit on services of Debian', () => {
  const network = makeNetwork();

  /** A manager with one service, and commands in its place. */
  async function prepare(service: DebianService) {
    const manager = await startManager({
      kind: 'system',
      where: network.server,
      units: unitFilesOf(service),
      etc: {},
    });
    const { stdout: directories } = await manager.systemctl('show', '--value', '--property', 'UnitPath');
    const path = directories.trim().split(' ').join(':');
    const command = (...words: string[]) =>
      run([...manager.inside, 'env', `SYSTEMD_UNIT_PATH=${path}`, `PATH=${process.env['PATH']}`, ...words]);
    const succeed = async (...words: string[]) => {
      const { status, stdout, stderr } = await command(...words);
      expect({ words, status, stderr }).toEqual({ words, status: 0, stderr: '' });
      return stdout;
    };
    await succeed('sh', '-c', service.setUp ?? ':');
    const wrap = async (...words: string[]) => {
      const { status, stdout, stderr } = await command(
        '/opt/alfwrapper/alfwrapper',
        'unit',
        service.unit,
        ...words,
      );
      expect(status, stderr).toBe(0);
      return { stdout, warnings: stderr };
    };
    const snapshot = () =>
      succeed(
        'sh',
        '-c',
        `tar --sort=name --mtime=@0 -cf - ${path.replaceAll(':', ' ')} 2>/dev/null | sha256sum`,
      );
    return { manager, succeed, wrap, snapshot };
  }

  async function expectFiltered({ port, exchange, udp }: DebianService) {
    for (const protocol of udp ? (['tcp', 'udp'] as const) : (['tcp'] as const)) {
      await expectServed(
        network,
        [remote(client.private4, server.private4), remote(client.private6, server.private6)],
        [remote(client.public4, server.public4), remote(client.public6, server.public6)],
        { protocol, port, exchange: exchange(protocol) },
      );
    }
  }

  async function expectMain(manager: Manager, { unit, comm }: DebianService): Promise<number> {
    expect(await manager.show(unit, 'ActiveState'), await manager.output(unit)).toBe('active');
    const main = Number(await manager.show(unit, 'MainPID'));
    await manager.until(unit, 'MainPID', (pid) => pid !== '0');
    // What systemd started may still be on its way to become the program, where the unit does not say when it is ready.
    for (let i = 0; i < 200 && (await manager.comm(main)) !== comm; i++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await manager.comm(main), await manager.output(unit)).toBe(comm);
    return main;
  }

  it.each(DEBIAN_SERVICES.map((service) => [service.unit, service] as const))('%s', async (unit, service) => {
    const { manager, succeed, wrap, snapshot } = await prepare(service);
    const verify = () => succeed('systemd-analyze', 'verify', '--man=no', unit);
    const before = await snapshot();
    expect(await verify()).toBe('');

    const options = ['--allow', 'private', ...(service.options ?? [])];
    const { stdout: printed } = await wrap(...options);
    const { stdout } = await wrap(...options, '--install');
    expect(stdout).toBe(
      `wrote /etc/systemd/system/${unit}.d/${DROP_IN}\nto apply it, run:\n  systemctl daemon-reload\n  systemctl restart ${unit}\n`,
    );
    const written = await manager.read(`/etc/systemd/system/${unit}.d/${DROP_IN}`);
    expect(written.split('\n').filter((line) => !printed.split('\n').includes(line))).toEqual([
      '# Its directory was made for it.',
    ]);
    expect(await verify()).toBe('');

    await succeed('systemctl', 'daemon-reload');
    await succeed('systemctl', 'restart', unit);
    const main = await expectMain(manager, service);
    await expectFiltered(service);

    expect(await manager.processes(unit)).toContain(service.comm);

    if (service.reloads !== false) {
      await succeed('systemctl', 'reload', unit);
      expect(await expectMain(manager, service)).toBe(main);
      await expectFiltered(service);
    }

    await succeed('systemctl', 'stop', unit);
    await manager.until(unit, 'ControlGroup', (group) => group === '');
    expect(await manager.show(unit, 'ActiveState')).toBe('inactive');
    expect(await manager.show(unit, 'Result')).toBe('success');
    expect(await manager.processes(unit)).toEqual([]);

    await wrap('--remove');
    expect(await snapshot()).toBe(before);
    expect(manager.warnings().filter((line) => !LEAVING.test(line))).toEqual([]);
  });
});
