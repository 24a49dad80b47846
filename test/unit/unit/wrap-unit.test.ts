import { describe, expect, it } from 'vitest';
import {
  isOwnDropIn,
  type LoadedUnit,
  madeDirectory,
  parseUnitFile,
  settingsOf,
  type Wrapper,
  withMadeDirectory,
  wrapUnit,
} from '../../../src/unit/index.js';

const DIRECTORY = '/opt/alfwrapper';
const WRAPPER: Wrapper = {
  directory: DIRECTORY,
  words: ['--allow', 'private'],
  tier: 'auto',
  node: '/usr/bin/node',
  pidFile: undefined,
};
const START = `${DIRECTORY}/alfwrapper --allow private -- /usr/bin/a`;

/** A service with these settings after `ExecStart=/usr/bin/a`. */
function unit(
  settings = '',
  more: Partial<LoadedUnit> & { readonly dropIns?: Record<string, string> } = {},
): LoadedUnit {
  const { dropIns = {}, ...rest } = more;
  return {
    name: 'a.service',
    files: [
      parseUnitFile(`[Service]\nExecStart=/usr/bin/a\n${settings}\n`, '/lib/systemd/system/a.service'),
      ...Object.entries(dropIns).map(([name, text]) =>
        parseUnitFile(`[Service]\n${text}\n`, `/etc/systemd/system/a.service.d/${name}`),
      ),
    ],
    sockets: [],
    parts: [],
    ...rest,
  };
}

/** The settings of the drop-in. */
function linesOf(loaded: LoadedUnit, more: Partial<Wrapper> = {}): string[] {
  const { text } = wrapUnit(loaded, { ...WRAPPER, ...more });
  return text.split('\n').filter((line) => line !== '' && !/^[#[]/.test(line));
}

const warningsOf = (loaded: LoadedUnit, more: Partial<Wrapper> = {}) =>
  wrapUnit(loaded, { ...WRAPPER, ...more }).warnings.map(({ text }) => text);

describe('the drop-in of a service', () => {
  it('resets ExecStart= and prefixes its command', () => {
    expect(linesOf(unit())).toEqual(['ExecStart=', `ExecStart=${START}`]);
  });

  it('says where it comes from', () => {
    const { text } = wrapUnit(unit(), WRAPPER);
    expect(text).toMatch(
      /^# Written by alfwrapper unit for a\.service\..*\n# .* \/lib\/systemd\/system\/a\.service\./,
    );
    expect(isOwnDropIn(text)).toBe(true);
    expect(isOwnDropIn('[Service]\nExecStart=\n')).toBe(false);
    expect([madeDirectory(text), madeDirectory(withMadeDirectory(text))]).toEqual([false, true]);
    const settings = (dropIn: string) => settingsOf([parseUnitFile(dropIn, '')], 'Service').all('ExecStart');
    expect(settings(withMadeDirectory(text))).toEqual(settings(text));
  });

  it('prefixes each command of a oneshot service, those of drop-ins included', () => {
    const loaded = unit('ExecStart=-/b ; /c', { dropIns: { '10-x.conf': 'ExecStart=/d' } });
    const before = `${DIRECTORY}/alfwrapper --allow private --`;
    expect(linesOf(loaded)).toEqual([
      'ExecStart=',
      `ExecStart=${START}`,
      ...['-/b', '/c', '/d'].map((command) => {
        const prefix = command.startsWith('-') ? '-' : '';
        return `ExecStart=${prefix}${before} ${command.slice(prefix.length)}`;
      }),
    ]);
  });

  it('takes the command of a drop-in that comes before it', () => {
    const loaded = unit('', { dropIns: { '40-x.conf': 'ExecStart=\nExecStart=/usr/bin/a --flag' } });
    expect(linesOf(loaded)).toEqual(['ExecStart=', `ExecStart=${START} --flag`]);
  });

  it.each([
    ['SystemCallFilter=@system-service', /^SystemCallFilter=.*\bpidfd_getfd\b.*\bseccomp\b/],
    ['SystemCallFilter=~@debug', /^SystemCallFilter=.*\bpidfd_getfd\b/],
    ['RestrictAddressFamilies=AF_INET AF_UNIX', /^RestrictAddressFamilies=AF_NETLINK AF_INET6$/],
    ['RestrictAddressFamilies=~AF_NETLINK AF_PACKET', /^RestrictAddressFamilies=AF_NETLINK$/],
    ['NoExecPaths=/\nExecPaths=/usr/bin/a /usr/lib', /^ExecPaths=\/opt\/alfwrapper \/usr\/bin\/node$/],
  ])('adds what is missing: %s', (settings, expected) => {
    const lines = linesOf(unit(settings));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(expected);
  });

  it.each([
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
    'RestrictAddressFamilies=~AF_PACKET',
    'SystemCallFilter=@debug\nSystemCallFilter=',
    'ExecPaths=/usr/bin/a',
    'MemoryDenyWriteExecute=yes',
    'CapabilityBoundingSet=CAP_CHOWN CAP_SYS_PTRACE',
  ])('adds nothing: %s', (settings) => {
    expect(linesOf(unit(settings))).toHaveLength(2);
  });

  it.each([
    ['User=a', ['AmbientCapabilities=CAP_BPF CAP_PERFMON']],
    [
      'User=a\nCapabilityBoundingSet=',
      ['CapabilityBoundingSet=CAP_BPF CAP_PERFMON', 'AmbientCapabilities=CAP_BPF CAP_PERFMON'],
    ],
    ['User=a\nAmbientCapabilities=CAP_BPF', ['AmbientCapabilities=CAP_PERFMON']],
    ['CapabilityBoundingSet=CAP_CHOWN', ['CapabilityBoundingSet=CAP_BPF CAP_PERFMON']],
    ['', []],
  ])('lends capabilities for tier ebpf: %j', (settings, expected) => {
    expect(linesOf(unit(settings), { tier: 'ebpf' }).slice(0, -2)).toEqual(expected);
    expect(linesOf(unit(settings))).toHaveLength(2);
  });

  it('names the process ID file that the unit does not', () => {
    const pidFile = '/run/a.pid';
    expect(linesOf(unit('Type=forking'), { pidFile })[0]).toBe('PIDFile=/run/a.pid');
    expect(warningsOf(unit('Type=forking'), { pidFile })).toEqual([]);
    expect(linesOf(unit('PIDFile=/run/a.pid'), { pidFile })).toHaveLength(2);
  });
});

describe('a warning is given', () => {
  it.each([
    ['Type=forking', /^Type=forking without PIDFile=/],
    ['KillMode=process', /^KillMode=process: /],
    ['User=a', /^the service has no CAP_BPF: /],
    ['DynamicUser=yes', /^the service has no CAP_BPF: /],
    ['PrivateUsers=yes', /^the service has no CAP_BPF: /],
    ['CapabilityBoundingSet=CAP_BPF', /^CapabilityBoundingSet= lacks CAP_SYS_PTRACE: /],
    ['ProcSubset=pid', /^ProcSubset=pid hides /],
    ['SystemCallFilter=read write', /^SystemCallFilter= does not include @system-service, /],
    ['TasksMax=1', /^TasksMax=1 is too low: /],
    ['LimitNPROC=10:20', /^LimitNPROC=10:20 is too low: /],
    ['LimitAS=512M', /^LimitAS=512M is too low: /],
  ])('for %s', (settings, expected) => {
    expect(warningsOf(unit(settings))).toEqual([expect.stringMatching(expected)]);
  });

  it('for tier ebpf in a user namespace', () => {
    expect(warningsOf(unit('PrivateUsers=yes'), { tier: 'ebpf' })).toEqual([
      expect.stringMatching(/^PrivateUsers=yes: /),
    ]);
  });

  it.each([
    [{ name: 'a.socket', accepts: true }, '', [/^a\.socket accepts connections /]],
    [{ name: 'a.socket', accepts: false }, '', []],
    [
      { name: 'a.socket', accepts: false },
      'User=a',
      [/^the service has no CAP_BPF: /, /^sockets of a\.socket cannot be filtered /],
    ],
  ])('for the socket unit %j', (socket, settings, expected) => {
    expect(warningsOf(unit(settings, { sockets: [socket] }))).toEqual(
      expected.map((text) => expect.stringMatching(text)),
    );
  });

  it.each([
    '',
    'Type=forking\nPIDFile=/run/a',
    'Type=notify',
    'User=root',
    'TasksMax=infinity',
    'TasksMax=15%',
    'LimitAS=4G',
  ])('but not for %j', (settings) => {
    expect(warningsOf(unit(settings))).toEqual([]);
  });
});

describe('a service is refused', () => {
  it.each([
    ['ExecStart=', 'it has no ExecStart='],
    ['ExecStart=\nExecStart=/bin/true', 'it starts nothing but true'],
    [
      'ExecStart=\nExecStart=/opt/alfwrapper/alfwrapper --allow private -- /a',
      'it is started by alfwrapper already',
    ],
    [
      'ExecStart=\nExecStart=@/bin/busybox httpd',
      'its program /bin/busybox gets the name httpd (prefix @), which alfwrapper does not pass on',
    ],
    ['RootDirectory=/srv', 'alfwrapper is not below its RootDirectory='],
    ['InaccessiblePaths=-/opt', 'its InaccessiblePaths= hides /opt/alfwrapper'],
    ['TemporaryFileSystem=/opt:ro', 'its TemporaryFileSystem= hides /opt/alfwrapper'],
  ])('with %s', (settings, reason) => {
    expect(() => wrapUnit(unit(settings), WRAPPER)).toThrow(`unable to wrap a.service: ${reason}`);
  });

  it.each([
    ['/root/alfwrapper', 'ProtectHome=yes', 'ProtectHome='],
    ['/home/a/alfwrapper', 'ProtectHome=tmpfs', 'ProtectHome='],
    ['/tmp/alfwrapper', 'PrivateTmp=yes', 'PrivateTmp='],
    ['/tmp/alfwrapper', 'DynamicUser=yes', 'PrivateTmp='],
  ])('where %s is hidden by %s', (directory, settings, key) => {
    expect(() => wrapUnit(unit(settings), { ...WRAPPER, directory })).toThrow(
      `its ${key} hides ${directory}`,
    );
  });

  it.each([
    ['/root/alfwrapper', 'ProtectHome=read-only'],
    ['/opt/alfwrapper', 'TemporaryFileSystem=/opt\nBindReadOnlyPaths=/opt/alfwrapper'],
    ['/opt/alfwrapper', 'InaccessiblePaths=/opt/alf'],
  ])('but not where %s is seen with %s', (directory, settings) => {
    expect(linesOf(unit(settings), { directory })).toHaveLength(2);
  });

  it('with the units that are a part of it in the hint', () => {
    const loaded = unit('ExecStart=\nExecStart=/bin/true', { parts: ['a@.service'] });
    expect(() => wrapUnit(loaded, WRAPPER)).toThrow(
      expect.objectContaining({
        code: 'ALF_UNIT',
        hint: 'give the service that starts the program: a@.service',
      }),
    );
  });

  it.each([
    ['', 'ExecStart=\nExecStart=/b', 'ExecStart'],
    ['SystemCallFilter=@system-service', 'SystemCallFilter=\nSystemCallFilter=@basic-io', 'SystemCallFilter'],
    ['RestrictAddressFamilies=AF_UNIX', 'RestrictAddressFamilies=~AF_NETLINK', 'RestrictAddressFamilies'],
  ])('with %j if a later drop-in says %j', (settings, later, key) => {
    const file = 'override.conf';
    expect(() => wrapUnit(unit(settings, { dropIns: { [file]: later } }), WRAPPER)).toThrow(
      expect.objectContaining({
        message: `unable to wrap a.service: /etc/systemd/system/a.service.d/${file} comes after 50-alfwrapper.conf and sets ${key}=`,
        hint: 'rename it so that it comes before: 40-override.conf',
      }),
    );
    expect(linesOf(unit('', { dropIns: { [file]: 'LimitNOFILE=5' } }))).toHaveLength(2);
  });
});
