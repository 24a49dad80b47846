import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, fixture, installed, run, start } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-closed-'));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));

/** Writes a file for the tests here and says where. */
function file(name: string, content: string | Uint8Array, mode = 0o644): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

/** Compiles a filter. */
function filter(name: string, source: string): string {
  const object = join(directory, `${name}.bpf.o`);
  const flags = ['-target', 'bpf', '-g', '-O2', '-mcpu=v3', '-Iebpf/include'];
  const multiarch = execFileSync('cc', ['-print-multiarch'], { encoding: 'utf8' }).trim();
  const from = file(`${name}.c`, source);
  execFileSync('clang', [...flags, `-I/usr/include/${multiarch}`, '-c', from, '-o', object]);
  return object;
}

const HEAD = '#include <alf/packet.h>\nALF_FILTER int filter(struct __sk_buff *skb)\n{';

describeWith(['root', 'bpf', 'netns'], 'a launch that cannot be', () => {
  const network = makeNetwork();
  const wrapped = async (...argv: string[]) => run([...network.server, installed('alfwrapper'), ...argv]);

  /** Nothing was exec'd, and what was said. */
  async function refusal(...argv: string[]) {
    const { status, stdout, stderr } = await wrapped(...argv);
    expect(stdout).toBe('');
    return { status, stderr };
  }

  it.each([
    [
      'a program that does not exist',
      ['whitelist-private', 'no-such-program'],
      127,
      'unable to find program no-such-program\n  hint: no directory of PATH has it',
    ],
    [
      'a path that does not exist',
      ['whitelist-private', './nowhere/true'],
      127,
      'unable to find program ./nowhere/true\n  hint: a name with a slash is taken as a path',
    ],
    [
      'a program that is a directory',
      ['whitelist-private', '/tmp'],
      126,
      'unable to execute /tmp: it is not a regular file',
    ],
    [
      'an occupied address',
      ['--address', '192.0.2.1', 'whitelist-private', 'true'],
      125,
      'unable to bind tcp 192.0.2.1:4242: address not available (EADDRNOTAVAIL)\n  hint: no interface of this machine has this address; see: ip address',
    ],
    [
      'a filter that does not exist',
      ['./absent.bpf.o', 'true'],
      125,
      'unable to find filter ./absent.bpf.o\n  hint: expected a C source, a compiled object, or a shipped filter such as whitelist-private',
    ],
    [
      'a filter of an unknown name',
      ['blacklist', 'true'],
      125,
      'unable to find filter blacklist\n  hint: expected a C source, a compiled object, or a shipped filter such as whitelist-private',
    ],
    [
      'an interface that does not exist',
      ['--set', 'interfaces,0,eth99', 'interfaces', 'true'],
      125,
      'the value of interfaces,0,eth99 is wrong: no such network interface: eth99\n  hint: see: ip link show',
    ],
    [
      'a prefix that is none',
      ['--set', 'allow4,0,10.0.0.0/33', 'whitelist', 'true'],
      125,
      'the value of allow4,0,10.0.0.0/33 is wrong: 10.0.0.0/33 has the prefix length 33\n  hint: expected a number from 0 to 32 after the slash',
    ],
    [
      'a map the filter does not have',
      ['--set', 'deny4,0,10.0.0.0/8', 'whitelist', 'true'],
      125,
      'the filter has no map deny4\n  hint: its maps are: allow4, allow6',
    ],
    [
      'an entry without its second comma',
      ['--set', 'allow4,10.0.0.0/8', 'whitelist', 'true'],
      125,
      'allow4,10.0.0.0/8 is not a map entry\n  hint: expected MAP,KEY,VALUE with exactly two commas, as in allow4,0,192.0.2.0/24',
    ],
    [
      'a port out of range',
      ['--set', 'ports,0,65536', 'knocking', 'true'],
      125,
      'the value of ports,0,65536 is wrong: 65536 is not a port\n  hint: expected a number from 0 to 65535',
    ],
    [
      'an index outside an array',
      ['--set', 'ports,16,1', 'knocking', 'true'],
      125,
      'the key of ports,16,1 is outside the array\n  hint: expected a number from 0 to 15',
    ],
    ['an unknown option', ['--blah', 'x'], 125, 'unknown option --blah\n  hint: see: alfwrapper --help'],
  ])('says so: %s', async (_, argv, status, message) => {
    expect(await refusal(...argv)).toEqual({ status, stderr: `alfwrapper: ${message}\n` });
  });

  it('says so: an occupied port', async () => {
    const first = start([...network.server, installed('alfwrapper'), 'whitelist-private', fixture('echo')]);
    await first.until(/ready/);
    expect(await refusal('whitelist-private', 'echo', 'no')).toEqual({
      status: 125,
      stderr:
        'alfwrapper: unable to bind tcp [::]:4242: address already in use (EADDRINUSE)\n' +
        '  hint: another socket has this port; see: ss -lnp\n',
    });
  });

  it.each([
    ['without the x bit', '#!/bin/sh\n', 0o644, /it is not an executable file\n {2}hint: try: chmod \+x/],
    [
      'with a missing interpreter',
      '#!/no/such/interpreter\n',
      0o755,
      /its interpreter \/no\/such\/interpreter is not an executable file/,
    ],
    ['that is no program at all', 'just text\n', 0o755, /unable to execute .*: Exec format error/],
  ])('says so: a file %s', async (name, content, mode, message) => {
    const program = file(name.replaceAll(' ', '-'), content, mode);
    const { status, stderr } = await refusal('whitelist-private', program);
    expect(status).toBe(126);
    expect(stderr).toMatch(message);
  });

  it.each([
    ['empty', '', 'the file is empty'],
    ['text', 'hello', 'the file is not an ELF object'],
  ])('says so: an object that is %s', async (name, content, message) => {
    const { status, stderr } = await refusal(file(`${name}.bpf.o`, content), 'true');
    expect({ status, stderr: stderr.split('\n')[0] }).toEqual({
      status: 125,
      stderr: `alfwrapper: ${message}`,
    });
  });

  it.each([
    [
      'reads where it may not',
      `${HEAD} return *(int *)((char *)skb + skb->len); } ALF_LICENSE;`,
      /^alfwrapper: unable to load filter \S+: .*ctx.* \(\d+ lines omitted\) \(E\w+\)$/,
    ],
    [
      'never ends',
      `${HEAD} volatile int i = 0; while (1) i++; return i; } ALF_LICENSE;`,
      /^alfwrapper: unable to load filter \S+: .+ \(\d+ lines omitted\) \(E\w+\)$/,
    ],
  ])('summarises what the verifier says of a filter that %s', async (name, source, message) => {
    const object = filter(name.replaceAll(' ', '-'), source);
    const { status, stderr } = await refusal(object, 'true');
    expect(status).toBe(125);
    expect(stderr.split('\n')[0]).toMatch(message);
    expect(stderr.split('\n').slice(1)).toEqual(['  hint: run with -v to see the whole log', '']);
    expect((await refusal('-v', object, 'true')).stderr).toContain('-- BEGIN PROG LOAD LOG --');
  });

  it('says so: a map that is full', async () => {
    const object = filter(
      'small',
      `#include <alf/packet.h>
      struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 2); __type(key, __u32); __type(value, __s16); }
      small SEC(".maps");
      ALF_FILTER int filter(struct __sk_buff *skb) { __u32 k = 0; return bpf_map_lookup_elem(&small, &k) ? 1 : 0; }
      ALF_LICENSE;`,
    );
    const sets = [1, 2, 3].flatMap((key) => ['--set', `small,${key},-5`]);
    expect((await wrapped('--port', '0', ...sets.slice(2), object, 'true')).status).toBe(0);
    expect(await refusal(...sets, object, 'true')).toEqual({
      status: 125,
      stderr:
        'alfwrapper: map small is full: 3 entries for 2 places\n' +
        '  hint: set fewer entries, or raise max_entries in the filter\n',
    });
  });

  it('does not run the old object of a shipped filter that has been edited', async () => {
    const source = installed('ebpf/interfaces.c');
    const before = readFileSync(source);
    const { atime, mtime } = statSync(source);
    onTestFinished(() => writeFileSync(source, before));
    writeFileSync(source, Buffer.concat([before, Buffer.from('/* edited */\n')]));
    utimesSync(source, atime, mtime);
    const { status, stderr } = await refusal(source, 'true');
    expect(status).toBe(125);
    expect(stderr).toContain(`${source} differs from the source of its object`);
  });

  it('starts from a built tree that was copied without its times', async () => {
    const copy = join(directory, 'copied');
    for (const path of ['alfwrapper', 'package.json', 'dist', 'build/native', 'build/ebpf', 'ebpf'])
      cpSync(installed(path), join(copy, path), { recursive: true });
    // The object first, its source last: as any copy may have it.
    const [early, late] = [new Date(1e12), new Date(1.5e12)];
    for (const name of readdirSync(join(copy, 'build/ebpf')))
      utimesSync(join(copy, 'build/ebpf', name), early, early);
    for (const name of readdirSync(join(copy, 'ebpf'))) utimesSync(join(copy, 'ebpf', name), late, late);
    const command = [join(copy, 'alfwrapper'), '--port', '0', 'whitelist-private', 'echo', 'hi'];
    expect(await run([...network.server, ...command])).toMatchObject({
      status: 0,
      stdout: 'hi\n',
      stderr: '',
    });
  });

  it("means the shipped filter by its name, not another user's file in the working directory", async () => {
    const foreign = join(directory, 'foreign');
    mkdirSync(join(foreign, 'ebpf'), { recursive: true });
    writeFileSync(join(foreign, 'ebpf/whitelist-private.c'), 'this is not C');
    const launch = (filter: string) =>
      run([...network.server, installed('alfwrapper'), '-v', '--port', '0', filter, 'echo', 'hi'], {
        cwd: foreign,
      });
    const { status, stderr } = await launch('ebpf/whitelist-private.c');
    expect(status).toBe(0);
    expect(stderr).toContain(
      'warning: ebpf/whitelist-private.c is the shipped filter, not the file in this directory: that is ./ebpf/whitelist-private.c\n',
    );
    const own = await launch('./ebpf/whitelist-private.c');
    expect(own).toMatchObject({ status: 125, stdout: '' });
    expect(own.stderr).toContain('./ebpf/whitelist-private.c');
  });

  it('works through a symbolic link, as npm installs it', async () => {
    const link = join(directory, 'linked');
    symlinkSync(installed('alfwrapper'), link);
    const { status, stdout } = await run([...network.server, link, 'whitelist-private', 'echo', 'hi']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'hi\n' });
  });
});

describeWith(['root'], 'a user who may not load eBPF', () => {
  it('is told what it takes for a filter with state, and nothing is run', async () => {
    const { status, stdout, stderr } = await run([
      ...AS_NOBODY,
      installed('alfwrapper'),
      'knocking',
      'echo',
      'no',
    ]);
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
    expect(stderr).toMatch(
      /^alfwrapper: unable to enforce a filter on tcp \[::\]:4242: loading eBPF is refused: .+ \(EPERM\)\n {2}hint: it needs CAP_BPF: [^\n]+\n$/,
    );
  });

  it('is told so when alfwrapper is started in a way that keeps no record of the process', async () => {
    const command = ['node', installed('dist/alfwrapper.cjs'), 'whitelist-private', 'echo', 'no'];
    const { status, stderr } = await run(command, { env: cleanEnvironment() });
    expect({ status, stderr }).toEqual({
      status: 125,
      stderr:
        'alfwrapper: the record of the process state is missing\n' +
        '  hint: start alfwrapper by its own name, not through node\n',
    });
  });
});
