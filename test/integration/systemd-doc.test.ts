import { expect, it } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { commandsOf, fencedBlocks } from '../support/readme.js';
import { describeWith } from '../support/requires.js';
import { run } from '../support/run.js';
import { type Manager, startManager } from '../support/systemd.js';

const DOC = 'docs/systemd.md';

/** What the commands print that print something. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  'systemd-analyze security --offline=true --threshold=36 --no-pager /etc/systemd/system/mydaemon.service':
    /Overall exposure level for mydaemon\.service: [0-3]\.\d/,
  'systemctl show --property=StatusText mydaemon.service': /^StatusText=serving\n$/,
};

const isOfUser = (command: string) => /--user\b|~/.test(command);

describeWith(['root', 'bpf', 'netns', 'systemd'], DOC, () => {
  const { server } = makeNetwork();
  const commands = commandsOf(DOC);

  /** Runs commands one after the other, as somebody with a shell does. */
  async function follow(manager: Manager, commands: readonly string[]) {
    for (const command of commands) {
      const { status, stdout, stderr } = await run([
        ...manager.inside,
        'sh',
        '-c',
        `cd /opt/alfwrapper; ${command}`,
      ]);
      expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' });
      expect(stdout, command).toMatch(PRINTS[command] ?? /^$/);
    }
    expect(manager.warnings()).toEqual([]);
  }

  it('has commands that work one after the other', async () => {
    const ofSystem = commands.filter((command) => !isOfUser(command));
    expect(ofSystem).toEqual(expect.arrayContaining(Object.keys(PRINTS)));
    await follow(await startManager({ kind: 'system', where: server, units: {} }), ofSystem);
  });

  it('has commands of an ordinary user that do', async () => {
    const ofUser = commands.filter(isOfUser);
    expect(ofUser).not.toEqual([]);
    await follow(await startManager({ kind: 'user', where: server, units: {} }), ofUser);
  });

  it('has a drop-in by which the doctor speaks from within the unit', async () => {
    const [dropIn = ''] = fencedBlocks(DOC, 'ini');
    const unit = 'mydaemon.service';
    const manager = await startManager({
      kind: 'system',
      where: server,
      units: { [unit]: `contrib:${unit}`, [`${unit}.d/override.conf`]: dropIn },
    });
    expect(await manager.systemctl('start', unit)).toMatchObject({ status: 0, stderr: '' });
    expect(await manager.output(unit)).toMatch(
      /^strongest tier that works: ebpf on TCP, ebpf on UDP\n3 stream tcp-4242\n/m,
    );
  });
});
