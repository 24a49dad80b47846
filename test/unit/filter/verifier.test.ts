import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { summarizeLog } from '../../../src/filter/index.js';
import { ROOT } from '../support/objects.js';

// Captured by loading the C source of the same name.
const LOGS = `${ROOT}test/fixtures/verifier/`;

const REASONS: Readonly<Record<string, string>> = {
  'btf-refused-as-well': 'R3 !read_ok',
  'direct-packet-access': 'invalid bpf_context access off=76 size=4',
  'helper-not-allowed': 'program of this type cannot use helper bpf_probe_write_user#36',
  'kernel-function-missing': "extern (func ksym) 'nowhere': not found in kernel or module BTFs",
  'license-missing': 'cannot call GPL-restricted function from non-GPL compatible program',
  'map-key-of-the-wrong-type': 'R1 type=ctx expected=map_ptr',
  'map-refused': "map 'counts': failed to create: Invalid argument(-22)",
  'map-type-unknown': "map 'counts': failed to create: Invalid argument(-22)",
  'map-value-not-checked': "R0 invalid mem access 'map_value_or_null'",
  'map-value-out-of-bounds': 'R0 unbounded memory access, make sure to bounds check any such access',
  'out-of-bounds-access': "R1 invalid mem access 'scalar'",
  'program-too-large': 'BPF program is too large. Processed 1000001 insn',
  'return-value-missing': 'R0 !read_ok',
  'stack-too-large': 'invalid write to stack R10 off=-520 size=8',
  'stack-too-large-in-calls': 'combined stack size of 2 calls is 608. Too large',
  'unbounded-loop': 'infinite loop detected at insn 5',
  'uninitialised-register': 'R3 !read_ok',
};

describe('summarizeLog of a captured log', () => {
  it.each(Object.entries(REASONS))('%s: %s', (name, reason) => {
    const log = readFileSync(`${LOGS}${name}.log`, 'utf8');
    const omitted = log.split('\n').filter((line) => line.trim() !== '').length - 1;
    expect(summarizeLog(log)).toEqual({ reason, omitted });
  });

  it('knows every log there is', () => {
    const names = (end: string) =>
      readdirSync(LOGS)
        .filter((file) => file.endsWith(end))
        .map((file) => file.slice(0, -end.length))
        .sort();
    expect(names('.log')).toEqual(Object.keys(REASONS).sort());
    expect(names('.c')).toEqual(names('.log'));
  });
});

describe('summarizeLog', () => {
  it.each([
    ['nothing', '', undefined],
    ['blank lines', '\n \n\n', undefined],
    [
      'a log without a frame',
      '0: (95) exit\nR0 !read_ok\nprocessed 1 insns',
      { reason: 'R0 !read_ok', omitted: 2 },
    ],
    [
      'a frame that was cut off',
      'libbpf: prog: -- BEGIN PROG LOAD LOG --\n0: (95) exit\nR0 !read_ok',
      { reason: 'R0 !read_ok', omitted: 2 },
    ],
    [
      'register states of older kernels',
      'R1=inv0 R10=fp0\nunreachable insn 3\nR0_w=inv1',
      { reason: 'unreachable insn 3', omitted: 2 },
    ],
    ['traces alone', '0: (95) exit\n1: (95) exit', { reason: '1: (95) exit', omitted: 1 }],
    [
      'libbpf alone',
      "libbpf: elf: 'x' is not a proper ELF object\n",
      { reason: "elf: 'x' is not a proper ELF object", omitted: 0 },
    ],
    [
      'an epitaph alone',
      "libbpf: failed to load object 'x'",
      { reason: "failed to load object 'x'", omitted: 0 },
    ],
  ])('%s', (_, log, expected) => {
    expect(summarizeLog(log)).toEqual(expected);
  });
});
