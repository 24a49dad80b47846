import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, installed, run } from '../support/run.js';

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-clang-reject-'));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));

const SEE_ALL = 'run with -v for all messages of the compiler';
const SEE_LOG = 'run with -v to see the whole log';
const ENTRY = 'the entry of a filter is: SEC("socket") int filter(struct __sk_buff *skb)';
const EXPECTED = 'expected C source, or an object as clang -target bpf makes it';
const NAME_IT = 'name it: --engine clang for libbpf style, --engine bcc for the dialect of BCC';

const HEAD = '#include <alf/filter.h>\n';
const LICENSE = 'ALF_LICENSE;\n';

/** A filter in libbpf style around its body; what stands before it is line 2. */
const filter = (body: string, before = '') =>
  `${HEAD}${before}\nALF_FILTER int filter(struct __sk_buff *skb) { ${body} }\n${LICENSE}`;

const map = (type: string, entries: string, value = 'long') =>
  `struct { __uint(type, BPF_MAP_TYPE_${type}); __uint(max_entries, ${entries}); ` +
  `__type(key, int); __type(value, ${value}); } t SEC(".maps");`;

const LOOK_UP = 'int k = 0; long *v = bpf_map_lookup_elem(&t, &k);';

/** What is wrong, the source, and all that is said: one line and a hint. */
const REJECTED: readonly (readonly [string, string, string | RegExp, string])[] = [
  [
    'a syntax error',
    filter('return 0'),
    /^unable to compile f\.c: f\.c:3:5\d: expected ';' after return statement$/,
    SEE_ALL,
  ],
  [
    'several errors',
    filter('return nothing + nowhere;'),
    /^unable to compile f\.c: f\.c:3:\d+: use of undeclared identifier 'nothing' \(and 1 more error\)$/,
    SEE_ALL,
  ],
  [
    'an unknown type',
    filter('struct nothing k = {}; return 0;'),
    /^unable to compile f\.c: f\.c:3:\d+: variable has incomplete type 'struct nothing'$/,
    SEE_ALL,
  ],
  [
    'a function that is not declared',
    filter('return elsewhere(skb->len);'),
    /^unable to compile f\.c: f\.c:3:\d+: .*'elsewhere'.*$/,
    SEE_ALL,
  ],
  [
    'a function that is not there',
    filter('return elsewhere(skb->len);', 'int elsewhere(int);'),
    'unable to open filter f: elsewhere is declared and nowhere defined (ENOENT)',
    'a filter is linked with nothing: what it calls has to be in its source, or a helper of <bpf/bpf_helpers.h>',
  ],
  [
    'a file that is to be included and is not there',
    filter('return 0;', '#include "absent.h"'),
    "unable to compile f.c: f.c:2:10: 'absent.h' file not found",
    'quoted includes are looked for beside the file that includes them',
  ],
  [
    'types of the kernel that were not made',
    filter('return 0;', '#include "vmlinux.h"'),
    "unable to compile f.c: f.c:2:10: 'vmlinux.h' file not found",
    'make it: bpftool btf dump file /sys/kernel/btf/vmlinux format c > vmlinux.h',
  ],
  [
    'a map with more entries than there can be',
    filter(`${LOOK_UP} return v != 0;`, map('HASH', '0x3fffffff', 'char[4096]')),
    'unable to create map t of filter f: argument list too long (E2BIG)',
    'it is larger than the kernel takes: lower its number of entries, or the size of a key or a value',
  ],
  [
    'a map of a type that there is not',
    filter(`${LOOK_UP} return v != 0;`, map('HASH + 98', '4')),
    'unable to create map t of filter f: invalid argument (EINVAL)',
    'the kernel does not take its type with these sizes and flags; an LPM trie takes BPF_F_NO_PREALLOC',
  ],
  [
    'more instructions than the kernel takes',
    filter('asm volatile(".rept 1000001\\n r1 = r1\\n .endr"); return 0;'),
    'unable to load filter f: it has more instructions than 1000000 (E2BIG)',
    'split it, or unroll less',
  ],
  [
    'more steps than the kernel goes through: a long loop',
    filter('volatile int x = 0; for (int i = 0; i < 400000; i++) x += i; return x;'),
    "unable to load filter f: the verifier's limit of 1000000 instructions was exceeded (E2BIG)",
    'every turn of a loop counts: make its loops shorter',
  ],
  [
    'a loop without an end',
    filter('volatile int x = 0; while (1) x++; return x;'),
    /^unable to load filter f: infinite loop detected at insn \d+ \(\d+ lines omitted\) \(EINVAL\)$/,
    SEE_LOG,
  ],
  [
    'a read outside of a value',
    filter(`${LOOK_UP} return v ? v[skb->len] : 0;`, map('ARRAY', '1')),
    /^unable to load filter f: R\d unbounded memory access, .* \(\d+ lines omitted\) \(EACCES\)$/,
    SEE_LOG,
  ],
  [
    'a value that is not checked',
    filter(`${LOOK_UP} return *v;`, map('HASH', '1')),
    /^unable to load filter f: R\d invalid mem access 'map_value_or_null' \(\d+ lines omitted\) \(EACCES\)$/,
    SEE_LOG,
  ],
  [
    'a stack that is too large',
    filter('volatile long v[100]; for (int i = 0; i < 100; i++) v[i] = i; return v[skb->len % 100];'),
    /^unable to compile f\.c: f\.c:3:\d+: Looks like the BPF stack limit .*$/,
    SEE_ALL,
  ],
  [
    'a section for another hook',
    `${HEAD}SEC("xdp") int filter(struct xdp_md *context) { return 2; }\n${LICENSE}`,
    'function filter is in section xdp, which is not for socket filters',
    ENTRY,
  ],
  [
    'no section',
    `${HEAD}int filter(struct __sk_buff *skb) { return 0; }\n${LICENSE}`,
    'function filter is in no section of its own, which is not for socket filters',
    ENTRY,
  ],
  ['no entry', `${HEAD}${LICENSE}`, 'the filter has no function filter (it has: none)', ENTRY],
  [
    'several programs, none of which is the entry',
    `${HEAD}ALF_FILTER int a(struct __sk_buff *s) { return 0; }\nALF_FILTER int b(struct __sk_buff *s) { return 1; }\n${LICENSE}`,
    'the filter has several programs, none called filter: a, b',
    'name one: --entry NAME',
  ],
  ['no bytes', '', 'unable to use filter f.c: the file is empty', EXPECTED],
  [
    'bytes that are no text',
    'a\0b',
    'unable to use filter f.c: it is neither C source nor an ELF object',
    EXPECTED,
  ],
  [
    'both dialects at once',
    filter('return 0;', '#include <bcc/proto.h>'),
    'unable to detect the dialect of f.c: #include <alf/filter.h> on line 1 is libbpf style, ' +
      '#include <bcc/proto.h> on line 2 is BCC',
    NAME_IT,
  ],
  [
    'neither dialect',
    'int filter(void *skb) { return 0; }\n',
    'unable to detect the dialect of f.c: nothing in it shows whether it is libbpf style or BCC',
    NAME_IT,
  ],
];

describeWith(['root', 'bpf', 'netns', 'clang'], 'a filter in libbpf style that cannot be', () => {
  const { server } = makeNetwork();

  const launch = (argv: readonly string[], env: Record<string, string> = {}) =>
    run([...server, installed('alfwrapper'), ...argv, 'echo', 'running'], {
      cwd: directory,
      env: cleanEnvironment(env),
    });

  it.each(REJECTED)('is refused for %s', async (_, source, message, hint) => {
    const own = mkdtempSync(join(directory, 'case-'));
    writeFileSync(join(own, 'f.c'), source);
    const { status, stdout, stderr } = await run(
      [...server, installed('alfwrapper'), '--port', '0', 'f.c', 'echo', 'running'],
      { cwd: own },
    );
    const [first = '', ...rest] = stderr.split('\n');
    expect({ status, stdout, rest }).toEqual({ status: 125, stdout: '', rest: [`  hint: ${hint}`, ''] });
    expect(first).toMatch(/^alfwrapper: /);
    const said = first.slice('alfwrapper: '.length);
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
  });

  it('is refused where there is no compiler, which shipped filters need not', async () => {
    writeFileSync(join(directory, 'f.c'), filter('return 0;'));
    const bare = mkdtempSync(join(directory, 'bin-'));
    const tools = ['node', 'echo', 'ip', 'sh'].map((tool) => `ln -s "$(which ${tool})" ${bare}/`);
    await run(['sh', '-c', tools.join(' && ')]);
    expect(await launch(['--port', '0', 'f.c'], { PATH: bare })).toMatchObject({
      status: 125,
      stdout: '',
      stderr:
        'alfwrapper: unable to compile f.c: clang is not installed\n' +
        '  hint: install it (Debian: clang libbpf-dev), or compile the filter elsewhere and give the object\n',
    });
    expect(await launch(['--port', '0', 'whitelist-private'], { PATH: bare })).toMatchObject({
      status: 0,
      stdout: 'running\n',
    });
  });

  it('shows everything that was said with -v', async () => {
    writeFileSync(join(directory, 'f.c'), filter('return 0'));
    const { stderr } = await launch(['-v', 'f.c']);
    expect(stderr).toMatch(
      /^alfwrapper: engine clang: f\.c is in libbpf style: #include <alf\/filter\.h> on line 1$/m,
    );
    expect(stderr).toMatch(/\nf\.c:3:\d+: error: expected ';' after return statement\n.*\n[ |]+\^\n/);
  });
});
