import { describe, expect, it } from 'vitest';
import { firstError, warnings } from '../../../src/filter/bcc/diagnostics.js';
import { compileFailure, loadFailure } from '../../../src/filter/bcc/failure.js';

const TEXT = `#include "common.h"
BPF_HASH(seen, u32);

uint32_t filter(struct __sk_buff *skb) { return 0 }
`;
const SOURCE = { shown: './knock.c', text: TEXT, flags: [] };

/** What clang says of one error in the source as it was given. */
const SYNTAX = `/virtual/main.c:4:50: error: expected ';' after return statement
uint32_t filter(struct __sk_buff *skb) { return 0 }
                                                 ^
                                                 ;
1 error generated.
`;

describe('what clang says of a source', () => {
  it.each([
    ['a place in the source itself', SYNTAX, "./knock.c:4:50: expected ';' after return statement", 0],
    [
      'a place before a quoted line with its number, as clang 17 and later write it',
      SYNTAX.replace(/^(.*return 0 \})$/m, '   17 | $1').replace(':4:', ':17:'),
      "./knock.c:4:50: expected ';' after return statement",
      0,
    ],
    [
      'a place in what BCC has made of it: the line is found again by its text',
      SYNTAX.replace(':4:', ':17:'),
      "./knock.c:4:50: expected ';' after return statement",
      0,
    ],
    [
      'a place in a line that BCC has written: no line is better than a wrong one',
      "/virtual/main.c:17:3: error: use of undeclared identifier 'a'\n  bpf_map_lookup_elem(a);\n",
      "./knock.c: use of undeclared identifier 'a'",
      0,
    ],
    [
      'a place in a file that is included',
      '/filters/common.h:1:10: fatal error: \'nope.h\' file not found\n#include "nope.h"\n',
      "/filters/common.h:1:10: 'nope.h' file not found",
      0,
    ],
    [
      'the first of several errors, behind a warning, with notes in between',
      `/virtual/main.c:2:1: warning: unused
BPF_HASH(seen, u32);
${SYNTAX}/virtual/include/bcc/helpers.h:1:1: note: expanded from macro
/virtual/main.c:2:1: error: another
BPF_HASH(seen, u32);
2 errors generated.`,
      "./knock.c:4:50: expected ';' after return statement",
      1,
    ],
  ])('has %s', (_, said, message, others) => {
    expect(firstError(said, SOURCE)).toEqual({ message, others });
  });

  it('may be nothing', () => {
    expect(firstError('', SOURCE)).toBeUndefined();
    expect(firstError('could not open bpf map: seen, error: Permission denied', SOURCE)).toBeUndefined();
  });

  it('has every warning once, though BCC compiles twice', () => {
    const said = '/virtual/main.c:2:1: warning: unused [-Wunused]\nBPF_HASH(seen, u32);\n';
    expect(warnings(said + said.replace(':2:', ':15:'), SOURCE)).toEqual(['./knock.c:2:1: unused']);
  });
});

describe('a compilation that failed', () => {
  const EINVAL = -22;

  it.each([
    [
      'clang finds an error',
      EINVAL,
      SYNTAX,
      'ALF_COMPILE',
      "unable to compile ./knock.c: ./knock.c:4:50: expected ';' after return statement",
      undefined,
    ],
    [
      'clang finds several',
      EINVAL,
      `${SYNTAX}${SYNTAX}`,
      'ALF_COMPILE',
      "unable to compile ./knock.c: ./knock.c:4:50: expected ';' after return statement (and 1 more error)",
      undefined,
    ],
    [
      'the kernel refuses a table',
      -1,
      'could not open bpf map: seen, error: Operation not permitted\n',
      'ALF_MAP',
      'unable to create table seen of ./knock.c: operation not permitted',
      'EPERM',
    ],
    [
      'something else is said',
      EINVAL,
      'Type of something is wrong\n\n',
      'ALF_COMPILE',
      'unable to compile ./knock.c: Type of something is wrong',
      'EINVAL',
    ],
    ['nothing is said', EINVAL, '', 'ALF_COMPILE', 'unable to compile ./knock.c: invalid argument', 'EINVAL'],
  ])('because %s', (_, status, said, code, message, errno) => {
    const failure = compileFailure(status, said, SOURCE);
    expect(failure).toMatchObject({ code, message, errno, detail: said });
    expect(failure.hint).toBeDefined();
  });
});

describe('a function that the kernel refuses', () => {
  it.each([
    [
      'with the reason of the verifier, not the advice of libbcc',
      -13,
      `bpf: Failed to load program: Permission denied
0: R1=ctx() R10=fp0
; return *p; @ main.c:13
1: (79) r0 = *(u64 *)(r1 +0)
R1 invalid mem access 'scalar'
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0

HINT: The invalid mem access 'inv' error can happen if you try to dereference memory without first using
bpf_probe_read_kernel() to copy it to the BPF stack.

`,
      "unable to load filter filter: R1 invalid mem access 'scalar' (4 lines omitted)",
      'EACCES',
    ],
    [
      'because it is too large to be looked at',
      -7,
      'bpf: Argument list too long. Program filter too large (1000001 insns), at most 4096 insns\n\n',
      'unable to load filter filter: it has 1000001 instructions, more than 1000000',
      'E2BIG',
    ],
    [
      'because there is too much to look at in it',
      -7,
      'bpf: Argument list too long. Program filter too large (35 insns), at most 4096 insns\n\n',
      "unable to load filter filter: the verifier's limit of 1000000 instructions was exceeded",
      'E2BIG',
    ],
    [
      'without a word from the verifier',
      -1,
      'bpf: Failed to load program: Operation not permitted\n\n',
      'unable to load filter filter: operation not permitted',
      'EPERM',
    ],
  ])('%s', (_, status, said, message, errno) => {
    expect(loadFailure(status, said, 'filter')).toMatchObject({
      code: 'ALF_VERIFIER',
      message,
      errno,
      detail: said,
    });
  });
});
