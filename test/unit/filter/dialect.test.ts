import { describe, expect, it } from 'vitest';
import { AlfError } from '../../../src/errors/index.js';
import { type EngineContext, findEvidence, openFilter } from '../../../src/filter/index.js';
import { makeDirectory } from '../support/directory.js';

const LIBBPF =
  '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nSEC("socket") int filter(void *s) { return 0; }\n';
const BCC =
  '#include <bcc/proto.h>\nBPF_TABLE("hash", u32, u32, seen, 23);\nint filter(void *s) { return 0; }\n';

describe('findEvidence', () => {
  it.each([
    ['SEC("socket") int f;', 'clang', 'SEC('],
    ['  SEC ( "x" )', 'clang', 'SEC ('],
    ['#include <bpf/bpf_endian.h>', 'clang', '#include <bpf/bpf_endian.h>'],
    ['# include "bpf/bpf_helpers.h"', 'clang', '# include "bpf/bpf_helpers.h"'],
    ['#include "vmlinux.h"', 'clang', '#include "vmlinux.h"'],
    ['#include <alf/packet.h>', 'clang', '#include <alf/packet.h>'],
    ['ALF_FILTER int f(void)', 'clang', 'ALF_FILTER'],
    ['struct { __uint(type, BPF_MAP_TYPE_HASH); }', 'clang', '__uint('],
    ['BPF_TABLE("hash", int, int, a, 1);', 'bcc', 'BPF_TABLE('],
    ['BPF_HASH(a);', 'bcc', 'BPF_HASH('],
    ['BPF_PERCPU_ARRAY(a, u64, 1);', 'bcc', 'BPF_PERCPU_ARRAY('],
    ['BPF_LPM_TRIE (a)', 'bcc', 'BPF_LPM_TRIE ('],
    ['#include <bcc/proto.h>', 'bcc', '#include <bcc/proto.h>'],
    ['#include <uapi/linux/ptrace.h>', 'bcc', '#include <uapi/linux/ptrace.h>'],
    ['struct ip6_t *ip = cursor_advance(cursor, sizeof(*ip));', 'bcc', 'cursor_advance('],
    ['struct tcp_t *tcp = 0;', 'bcc', 'struct tcp_t'],
    ['if (allow.lookup(&key))', 'bcc', 'allow.lookup('],
    ['x = allow . lookup_or_try_init (&key, &zero);', 'bcc', 'allow . lookup_or_try_init ('],
  ])('%s', (line, engine, what) => {
    expect(findEvidence(`int first;\n${line}\n`)).toEqual([{ engine, what, line: 2 }]);
  });

  it.each([
    ['a comment', '/* SEC("socket")\n BPF_HASH(a); */ // BPF_TABLE( \\\n SEC(\n'],
    ['a comment without an end', 'int a; /* SEC(\n'],
    ['a string', 'char *a = "SEC(\\"x\\") BPF_HASH(" "/*"; char b = \'"\'; char *c = "*/";\n'],
    ['a string that looks like a comment', 'char *a = "/*"; int b; char *c = "*/ SEC(";\n'],
    ['a definition', '#define SEC(x) x\n# define BPF_HASH(x) x\n#ifdef BPF_HASH\n#endif\n'],
    ['names that only look alike', 'BPF_MAP_TYPE_HASH) NSEC(1); MY_BPF_HASH(a) struct tcp_table lookup(a)\n'],
    ['nothing', ''],
  ])('finds nothing in %s', (_, source) => {
    expect(findEvidence(source)).toEqual([]);
  });

  it('counts lines through comments, strings and continuations', () => {
    expect(findEvidence('/* 1\n2 */ char *a = "3\\\n4"; // 5 \\\n 6\nSEC("x")')).toEqual([
      { engine: 'clang', what: 'SEC(', line: 5 },
    ]);
  });

  it('finds the first of each', () => {
    expect(findEvidence(`${LIBBPF}${BCC}`)).toEqual([
      { engine: 'clang', what: '#include <bpf/bpf_helpers.h>', line: 2 },
      { engine: 'bcc', what: '#include <bcc/proto.h>', line: 4 },
    ]);
  });
});

/** What openFilter says of files before an engine has anything to do. */
async function opened(files: Readonly<Record<string, string>>, engine: 'auto' | 'object' = 'auto') {
  const directory = makeDirectory(files);
  const said: string[] = [];
  const context: EngineContext = {
    ops: { core: undefined, bpf: () => expect.unreachable() } as unknown as EngineContext['ops'],
    root: '/nowhere',
    pid: 1,
    // No compiler is found there: what comes before is what this is about.
    variable: () => undefined,
    report: (line) => said.push(line),
    warn: (line) => said.push(line),
  };
  const found = { name: 'f', file: `${directory}/f.c`, shown: 'f.c', shipped: false };
  try {
    await openFilter(found, { engine, entry: undefined }, context);
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    return {
      said: said.map((line) => line.replaceAll(directory, '')),
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    };
  }
  return expect.unreachable();
}

const NAME_IT = { kind: 'name engine' } as const;
const EXPECTED = 'expected C source, or an object as clang -target bpf makes it';

describe('openFilter chooses', () => {
  it('clang for libbpf style, and says why', async () => {
    expect(await opened({ 'f.c': LIBBPF })).toEqual({
      said: ['engine clang: f.c is in libbpf style: #include <bpf/bpf_helpers.h> on line 2'],
      message: 'unable to compile f.c: clang is not installed',
      hint: 'install it (Debian: clang libbpf-dev), or compile the filter elsewhere and give the object',
    });
  });

  it('by what is included from beside it, where the file itself says nothing', async () => {
    const files = {
      'f.c': '#include "d/one.h"\n#include "none.h"\n',
      'd/one.h': '#include "two.h"',
      'd/two.h': LIBBPF,
    };
    expect((await opened(files)).said).toEqual([
      'engine clang: /d/two.h is in libbpf style: #include <bpf/bpf_helpers.h> on line 2',
    ]);
  });

  it('nothing for files that include each other and say nothing', async () => {
    const files = { 'f.c': '#include "a.h"', 'a.h': '#include "f.c"\n#include "a.h"' };
    expect(await opened(files)).toEqual({
      said: [],
      message: 'unable to detect the dialect of f.c: nothing in it shows whether it is libbpf style or BCC',
      remedy: NAME_IT,
    });
  });

  it.each([
    [
      LIBBPF + BCC,
      '#include <bpf/bpf_helpers.h> on line 2 is libbpf style, #include <bcc/proto.h> on line 4 is BCC',
    ],
    [
      BCC + LIBBPF,
      '#include <bpf/bpf_helpers.h> on line 5 is libbpf style, #include <bcc/proto.h> on line 1 is BCC',
    ],
  ])('neither where both are there', async (source, reason) => {
    expect(await opened({ 'f.c': source })).toEqual({
      said: [],
      message: `unable to detect the dialect of f.c: ${reason}`,
      remedy: NAME_IT,
    });
  });

  it.each([
    ['', 'the file is empty'],
    ['MZ\0\0', 'it is neither C source nor an ELF object'],
    [`//${'x'.repeat(16 * 2 ** 20)}`, 'C source of more than 4 MiB, which is the limit'],
  ])('nothing for %j', async (content, reason) => {
    const message = `unable to use filter f.c: ${reason}`;
    expect(await opened({ 'f.c': content })).toEqual({ said: [], message, hint: EXPECTED });
  });

  it('the engine that is asked for, whatever the file looks like', async () => {
    expect((await opened({ 'f.c': LIBBPF }, 'object')).message).toBe('the file is not an ELF object');
  });

  it('object for an ELF file', async () => {
    expect(await opened({ 'f.c': '\x7fELF' })).toMatchObject({
      said: ['engine object: f.c is an ELF file'],
      message: 'the object is not 64-bit',
    });
  });
});
