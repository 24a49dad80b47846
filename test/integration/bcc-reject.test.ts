import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { installed, run } from '../support/run.js';
import { AS_NOBODY, asNobodyWith } from '../support/users.js';

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-bcc-reject-'));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));

const SEE_ALL = 'run with -v for all messages of the compiler';
const SEE_LOG = 'run with -v to see the whole log';
const ENTRY = 'the entry of a filter is: uint32_t filter(struct __sk_buff *skb)';

/** A filter around its first lines, recognisable as one in BCC's dialect. */
const filter = (body: string, head = '') =>
  `#include <bcc/proto.h>\n${head}\nuint32_t filter(struct __sk_buff *skb) { ${body} }\n`;

/** What is wrong, the source, and all that is said: one line and a hint. */
const REJECTED: readonly (readonly [string, string, string | RegExp, string])[] = [
  [
    'a syntax error',
    filter('return 0'),
    /^unable to compile f\.c: f\.c:3:5\d: expected ';' after return statement$/,
    SEE_ALL,
  ],
  [
    'an unknown type',
    filter('return 0;', 'BPF_HASH(seen, struct nothing, u32);'),
    /^unable to compile f\.c: f\.c:2:1: field has incomplete type 'struct nothing'( \(and \d+ more errors?\))?$/,
    SEE_ALL,
  ],
  [
    'an unknown type of table',
    filter('return 0;', 'BPF_TABLE("hsah", u32, u32, seen, 4);'),
    /^unable to compile f\.c: f\.c:2:1: unsupported map type: maps\/hsah/,
    'see docs/bcc.md for the types of tables that a filter can have',
  ],
  [
    'a table that is too large',
    filter('return 0;', 'BPF_TABLE("hash", u32, u64, seen, 0x7fffffff);'),
    'unable to create table seen of f.c: argument list too long (E2BIG)',
    'it is larger than the kernel takes: lower its number of entries, or the size of a key or a value',
  ],
  [
    'a table without the flag that its type needs',
    filter('return 0;', 'BPF_TABLE("lpm_trie", u64, u64, seen, 4);'),
    'unable to create table seen of f.c: invalid argument (EINVAL)',
    'the kernel does not take its type with these sizes and flags; an LPM trie is declared with BPF_LPM_TRIE',
  ],
  [
    'more than the kernel looks at: a long loop',
    filter('volatile u32 x = 0; for (u32 i = 0; i < 400000; i++) x += i; return x;'),
    "unable to load filter f: the verifier's limit of 1000000 instructions was exceeded (E2BIG)",
    'every turn of a loop counts: make its loops shorter',
  ],
  [
    'a loop without an end',
    filter('volatile u32 x = 0; while (1) x++; return x;'),
    /^unable to load filter f: infinite loop detected at insn \d+ \(\d+ lines omitted\) \(EINVAL\)$/,
    SEE_LOG,
  ],
  [
    'a read outside of a value',
    filter('u32 k = 0; u64 *v = t.lookup(&k); return v ? v[skb->len] : 0;', 'BPF_ARRAY(t, u64, 1);'),
    /^unable to load filter f: R\d unbounded memory access, .* \(\d+ lines omitted\) \(EACCES\)$/,
    SEE_LOG,
  ],
  [
    'a value that is not checked',
    filter('u32 k = 0; u64 *v = t.lookup(&k); return *v;', 'BPF_HASH(t, u32, u64, 1);'),
    /^unable to load filter f: R\d invalid mem access 'map_value_or_null' \(\d+ lines omitted\) \(EACCES\)$/,
    SEE_LOG,
  ],
  [
    'a helper that a socket filter may not call',
    filter('return bpf_get_current_pid_tgid() ? bpf_skb_change_head(skb, 1, 0) : 0;'),
    /^unable to load filter f: program of this type cannot use helper .* \(\d+ lines omitted\) \(EINVAL\)$/,
    SEE_LOG,
  ],
  [
    'no entry',
    '#include <bcc/proto.h>\nBPF_ARRAY(t, u64, 1);\n',
    'the filter has no function filter (it has: none)',
    ENTRY,
  ],
  [
    'several functions, none of which is the entry',
    '#include <bcc/proto.h>\nint a(struct __sk_buff *skb) { return 0; }\nint b(struct __sk_buff *skb) { return 1; }\n',
    'the filter has several functions, none called filter: a, b',
    'name one: --entry NAME',
  ],
  [
    'an entry that gives nothing',
    '#include <bcc/proto.h>\nvoid filter(struct __sk_buff *skb) { }\n',
    /^unable to load filter f: R0 !read_ok \(\d+ lines omitted\) \(EACCES\)$/,
    SEE_LOG,
  ],
  [
    'a file that is to be included and is not there',
    filter('return 0;', '#include "absent.h"'),
    "unable to compile f.c: f.c:2:10: 'absent.h' file not found",
    'quoted includes are searched in the directory of the filter; kernel headers are not installed, nor needed for a filter',
  ],
  [
    'a call of a function that is not there',
    filter('return elsewhere(skb->len);', 'int elsewhere(int);'),
    /^unable to compile f\.c: f\.c:3:\d+: cannot call non-static helper function$/,
    SEE_ALL,
  ],
];

describeWith(['root', 'bpf', 'netns', 'bcc'], 'a filter in the dialect of BCC that cannot be', () => {
  const { server } = makeNetwork();

  const launch = (argv: readonly string[], as: readonly string[] = []) =>
    run([...server, ...as, installed('alfwrapper'), ...argv, 'echo', 'running'], { cwd: directory });

  it.each(REJECTED)('is refused for %s', async (_, source, message, hint) => {
    writeFileSync(join(directory, 'f.c'), source);
    const { status, stdout, stderr } = await launch(['f.c']);
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
    const [first = '', ...rest] = stderr.split('\n');
    expect(rest).toEqual([`  hint: ${hint}`, '']);
    expect(first.startsWith('alfwrapper: ')).toBe(true);
    const said = first.slice('alfwrapper: '.length);
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
  });

  it('is refused where LLVM ends the process: too large a stack', async () => {
    const body = `u64 v[100]; for (int i = 0; i < 100; i++) v[i] = skb->len * bpf_get_prandom_u32();
      u64 sum = 0; for (int i = 0; i < 100; i++) sum += v[(skb->len + i) % 100]; return sum;`;
    writeFileSync(join(directory, 'f.c'), filter(body));
    const { status, stdout, stderr } = await launch(['f.c']);
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
    expect(stderr).toMatch(
      /^alfwrapper: unable to compile f\.c: Looks like the BPF stack limit .*\n( {2}hint: .*\n)?$/,
    );
  });

  it('is refused where LLVM crashes, or else runs', async () => {
    writeFileSync(join(directory, 'f.c'), filter('return __builtin_ctzll(skb->len);'));
    const { status, stdout, stderr } = await launch(['f.c']);
    // The one of clang 14 does. That of clang 19 makes a table, to which libbcc gives no map, so the kernel refuses it.
    if (status === 0) return expect({ stdout, stderr }).toEqual({ stdout: 'running\n', stderr: '' });
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
    expect(stderr).toMatch(
      /^alfwrapper: (unable to compile f\.c: .*\n {2}hint: write it in another way|unable to load filter f: .* \(EACCES\)\n {2}hint: run with -v).*\n$/,
    );
  });

  it('is refused if it is empty, unreadable, or absent', async () => {
    writeFileSync(join(directory, 'f.c'), '');
    expect(await launch(['--engine', 'bcc', 'f.c'])).toMatchObject({
      status: 125,
      stdout: '',
      stderr: 'alfwrapper: filter f.c is empty\n  hint: expected C source\n',
    });
    writeFileSync(join(directory, 'dark.c'), filter('return 0;'));
    chmodSync(join(directory, 'dark.c'), 0o600);
    expect(await launch(['dark.c'], AS_NOBODY)).toMatchObject({ status: 125, stdout: '' });
    expect(await launch(['--engine', 'bcc', 'absent.c'])).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(/^alfwrapper: unable to find filter absent\.c\n {2}hint: .*\n$/),
    });
  });

  it('shows everything that was said with -v', async () => {
    writeFileSync(join(directory, 'f.c'), filter('return 0'));
    const { stderr } = await launch(['-v', 'f.c']);
    expect(stderr).toMatch(/^alfwrapper: engine bcc: f\.c is in the dialect of BCC: .* on line 1$/m);
    expect(stderr).toMatch(/\n.*error: expected ';' after return statement\n.*\n[ |]+\^\n/);
  });

  it('says what it needs: CAP_BPF, and nothing else', async () => {
    const source = filter('u32 k = 0; t.increment(k); return skb->len;', 'BPF_ARRAY(t, u64, 1);');
    writeFileSync(join(directory, 'f.c'), source);
    expect(await launch(['f.c'], AS_NOBODY)).toMatchObject({
      status: 125,
      stdout: '',
      stderr:
        'alfwrapper: unable to create table t of f.c: operation not permitted (EPERM)\n' +
        '  hint: creating tables takes CAP_BPF: run as root, or set AmbientCapabilities=CAP_BPF in the unit\n',
    });
    expect(await launch(['f.c'], asNobodyWith('+bpf'))).toMatchObject({
      status: 0,
      stdout: 'running\n',
      stderr: '',
    });
  });

  it('needs neither /sys nor /proc/kallsyms', async () => {
    writeFileSync(join(directory, 'f.c'), filter('return skb->len;'));
    const hidden = 'mount -t tmpfs none /sys && mount --bind /dev/null /proc/kallsyms && exec "$@"';
    const bare = ['unshare', '--mount', '--ipc', '--uts', 'sh', '-c', hidden, 'sh'];
    expect(await launch(['f.c'], bare)).toMatchObject({ status: 0, stdout: 'running\n', stderr: '' });
  });
});
