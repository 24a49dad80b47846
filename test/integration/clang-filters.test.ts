import {
  chmodSync,
  chownSync,
  cpSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { decodeEntry } from '../../src/filter/clang/entry.js';
import { expectServed, local, remote } from '../support/attempts.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, fixture, installed, run, start } from '../support/run.js';

const { server, client } = ADDRESS;

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-clang-'));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));

/** How many start at once on an empty cache. */
const STARTS = 16;

/** Lets through who comes from one of `friends`, or nobody: what it does stands in a file beside it. */
const FILTER = `#include "verdict.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct address4);
	__type(value, struct index);
} friends SEC(".maps");

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	struct address4 from;

	if (bpf_skb_load_bytes_relative(skb, 12, &from, sizeof(from), BPF_HDR_START_NET))
		return ALF_DENY;
	return bpf_map_lookup_elem(&friends, &from) ? FRIEND : OTHER;
}

ALF_FILTER
int nobody(struct __sk_buff *skb)
{
	return ALF_DENY;
}

ALF_LICENSE;
`;
const VERDICT = '#include <alf/packet.h>\n#define FRIEND ALF_ALLOW\n#define OTHER ALF_DENY\n';

/** A place with the filter in it and room for a cache. */
function makePlace(): { readonly at: string; readonly cache: string } {
  const at = mkdtempSync(join(directory, 'place-'));
  chmodSync(at, 0o755);
  writeFileSync(join(at, 'f.c'), FILTER);
  writeFileSync(join(at, 'verdict.h'), VERDICT);
  return { at, cache: join(at, 'cache') };
}

describeWith(['root', 'bpf', 'netns', 'clang'], 'a filter in libbpf style, compiled by clang', () => {
  const network = makeNetwork();

  const within = (at: string, env: Record<string, string>) => ({ cwd: at, env: cleanEnvironment(env) });
  const launch = (at: string, env: Record<string, string>, ...options: string[]) =>
    run(
      [...network.server, installed('alfwrapper'), '-v', '--port', '0', ...options, 'f.c', 'echo', 'running'],
      within(at, env),
    );
  const compiled = /^alfwrapper: f\.c: compiled with \S+\/clang$/m;
  const cached = /^alfwrapper: f\.c: compiled before, taken from the cache$/m;
  const entriesOf = (cache: string) => readdirSync(join(cache, 'alfwrapper'));

  it('judges real packets by the map that --set fills, on a dual-stack socket', async () => {
    const { at, cache } = makePlace();
    const set = ['--set', `friends,0,${client.public4}`, '--set', 'friends,1,127.0.0.1'];
    for (const how of [compiled, cached]) {
      const daemon = start(
        [...network.server, installed('alfwrapper'), '-v', ...set, 'f.c', fixture('echo')],
        within(at, { XDG_CACHE_HOME: cache }),
      );
      await daemon.until(/ready/);
      expect(daemon.stderr()).toMatch(how);
      expect(daemon.stderr()).toMatch(/: tier ebpf, filter f \(program \d+\), locked, fd 3$/m);
      await expectServed(
        network,
        [remote(client.public4, server.public4), local('127.0.0.1', '127.0.0.1')],
        [remote(client.private4, server.private4), local(server.public4, server.public4)],
      );
      await daemon.kill();
    }
  });

  it('is compiled again when an include, the source, or its place is another one', async () => {
    const { at, cache } = makePlace();
    const env = { XDG_CACHE_HOME: cache };
    const next = async () => (await launch(at, env)).stderr;
    expect(await next()).toMatch(compiled);
    expect(await next()).toMatch(cached);
    writeFileSync(join(at, 'verdict.h'), VERDICT.replace('OTHER ALF_DENY', 'OTHER ALF_ALLOW'));
    expect(await next()).toMatch(compiled);
    expect(await next()).toMatch(cached);
    writeFileSync(join(at, 'f.c'), `${FILTER}\n`);
    expect(await next()).toMatch(compiled);
    const copy = makePlace().at;
    cpSync(at, copy, { recursive: true });
    expect((await launch(copy, env)).stderr).toMatch(compiled);
    // As an attacker would have it who can write to a copy of the cache, or a disk that has failed.
    for (const name of entriesOf(cache)) {
      const file = join(cache, 'alfwrapper', name);
      const bytes = readFileSync(file);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      writeFileSync(file, bytes);
    }
    expect(await next()).toMatch(compiled);
    expect(await next()).toMatch(cached);
  });

  it(`starts ${STARTS} times at once on an empty cache, and leaves whole entries only`, async () => {
    const { at, cache } = makePlace();
    const starts = await Promise.all(
      Array.from({ length: STARTS }, () => launch(at, { XDG_CACHE_HOME: cache })),
    );
    for (const { status, stdout, stderr } of starts) {
      expect({ status, stdout }).toEqual({ status: 0, stdout: 'running\n' });
      expect(compiled.test(stderr) || cached.test(stderr)).toBe(true);
    }
    const names = entriesOf(cache);
    expect(names).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(decodeEntry(readFileSync(join(cache, 'alfwrapper', names[0] ?? '')))).toBeDefined();
  });

  it.each<[string, (cache: string) => void, RegExp]>([
    [
      'of another user',
      (cache) => chownSync(join(cache, 'alfwrapper'), 65534, 65534),
      /^alfwrapper: warning: no cache for compiled filters: \S+\/alfwrapper belongs to another user$/m,
    ],
    [
      'that everybody can write to',
      (cache) => chmodSync(join(cache, 'alfwrapper'), 0o777),
      /^alfwrapper: warning: no cache for compiled filters: \S+\/alfwrapper is open to other users \(chmod 700 makes it usable\)$/m,
    ],
    [
      'in a place of another user',
      (cache) => {
        rmSync(join(cache, 'alfwrapper'), { recursive: true });
        chownSync(cache, 65534, 65534);
      },
      /^alfwrapper: warning: no cache for compiled filters: \S+\/cache belongs to another user$/m,
    ],
  ])('does not trust a cache %s, and starts all the same', async (_, spoil, warning) => {
    const { at, cache } = makePlace();
    expect((await launch(at, { XDG_CACHE_HOME: cache })).stderr).toMatch(compiled);
    spoil(cache);
    const before = readdirSync(cache);
    const { status, stdout, stderr } = await launch(at, { XDG_CACHE_HOME: cache });
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'running\n' });
    expect(stderr).toMatch(compiled);
    expect(stderr).toMatch(warning);
    expect(readdirSync(cache)).toEqual(before);
  });

  it("leaves nothing in another user's home, and follows no link out of it", async () => {
    const { at } = makePlace();
    const homes = ['bare', 'linked'].map((name) => join(at, name));
    const target = join(at, 'target');
    for (const directory of [...homes, target]) mkdirSync(directory);
    symlinkSync(target, join(homes[1] ?? '', '.cache'));
    const ownHome = join(at, 'root');
    mkdirSync(ownHome);
    // The user database of this run alone: root's cache is where root's entry says.
    const own = ['unshare', '--mount', 'sh', '-c'];
    const passwd = `mount --bind ${at}/passwd /etc/passwd && exec "$@"`;
    writeFileSync(join(at, 'passwd'), `root:x:0:0:root:${ownHome}:/bin/sh\n`);
    for (const home of homes) {
      for (const file of readdirSync(home)) lchownSync(join(home, file), 65534, 65534);
      chownSync(home, 65534, 65534);
      const before = readdirSync(home);
      const command = [installed('alfwrapper'), '-v', '--port', '0', 'f.c', 'echo', 'running'];
      const { status, stderr } = await run(
        [...network.server, ...own, passwd, 'sh', ...command],
        within(at, { HOME: home }),
      );
      expect(status).toBe(0);
      expect(stderr).not.toContain('warning');
      expect(readdirSync(home)).toEqual(before);
      expect(readdirSync(target)).toEqual([]);
    }
    expect(entriesOf(join(ownHome, '.cache'))).toHaveLength(1);
  });

  it('starts where the home cannot be written to, and where there is none', async () => {
    const { at } = makePlace();
    const readOnly = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount -t tmpfs -o ro none "$HOME" && exec "$@"',
      'sh',
    ];
    const home = join(at, 'home');
    mkdirSync(home);
    const command = [...readOnly, installed('alfwrapper'), '--port', '0', 'f.c', 'echo', 'running'];
    expect(await run([...network.server, ...command], within(at, { HOME: home }))).toEqual({
      status: 0,
      signal: null,
      stdout: 'running\n',
      stderr: expect.stringMatching(
        /^alfwrapper: warning: no cache for compiled filters: unable to make \S+\/home\/.cache \(E\w+\)\n$/,
      ),
    });
    const { status, stderr } = await launch(at, {});
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^alfwrapper: no cache for compiled filters: neither XDG_CACHE_HOME nor HOME names a directory of this user$/m,
    );
  });

  it('keeps its cache below HOME, for its user alone', async () => {
    const { at } = makePlace();
    expect((await launch(at, { HOME: at })).stderr).toMatch(compiled);
    expect((await launch(at, { HOME: at })).stderr).toMatch(cached);
    expect(statSync(join(at, '.cache/alfwrapper')).mode & 0o777).toBe(0o700);
  });

  it('starts at the function that --entry names', async () => {
    const { at, cache } = makePlace();
    const env = { XDG_CACHE_HOME: cache };
    expect(await launch(at, env, '--entry', 'nobody')).toMatchObject({ status: 0, stdout: 'running\n' });
    expect(
      await run([installed('alfwrapper'), '--entry', 'none', 'f.c', 'true'], within(at, env)),
    ).toMatchObject({
      status: 125,
      stderr:
        'alfwrapper: the filter has no function none (it has: filter, nobody)\n' +
        '  hint: a function must not be static to be an entry\n',
    });
    const daemon = start(
      [
        ...network.server,
        installed('alfwrapper'),
        ...['--set', `friends,0,${client.public4}`, '--entry', 'nobody', 'f.c', fixture('echo')],
      ],
      within(at, env),
    );
    await daemon.until(/ready/);
    await expectServed(network, [], [remote(client.public4, server.public4)]);
  });

  it('says by what it knows the dialect, and takes --engine for it where nothing shows it', async () => {
    const { at, cache } = makePlace();
    const env = { XDG_CACHE_HOME: cache };
    expect((await launch(at, env)).stderr).toMatch(
      /^alfwrapper: engine clang: f\.c is in libbpf style: __uint\( on line 4$/m,
    );
    writeFileSync(
      join(at, 'f.c'),
      'typedef unsigned int u;\n__attribute__((section("socket"), used)) int filter(void *skb) { return -1; }\n',
    );
    expect(await launch(at, env)).toMatchObject({ status: 125, stdout: '' });
    expect(await launch(at, env, '--engine', 'clang')).toMatchObject({ status: 0, stdout: 'running\n' });
    // The bytes of an object are no source, whatever is asked for.
    expect(await launch(at, env, '--engine', 'object')).toMatchObject({
      status: 125,
      stdout: '',
      stderr: expect.stringMatching(/^alfwrapper: the file is not an ELF object\n {2}hint: .+\n$/),
    });
  });

  it("warns of what clang warns of, at the user's file, line and column", async () => {
    const { at, cache } = makePlace();
    writeFileSync(join(at, 'f.c'), `${FILTER}static int unused;\n`);
    const line = FILTER.split('\n').length;
    const command = [installed('alfwrapper'), '--port', '0', `${at}/f.c`, 'true'];
    const { status, stderr } = await run(
      [...network.server, ...command],
      within('/', { XDG_CACHE_HOME: cache }),
    );
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `alfwrapper: warning: ${at}/f.c:${line}:12: unused variable 'unused'\n`,
    });
  });
});
