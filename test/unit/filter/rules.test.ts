import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ENTRY } from '../../../src/bpf/object/index.js';
import { ENTRY_IN_PLACE } from '../../../src/compile/table/index.js';
import { openRules } from '../../../src/filter/index.js';
import { failureOf } from '../support/failure.js';
import { fakeBpf } from '../support/fake-bpf.js';

const directory = mkdtempSync(join(tmpdir(), 'alf-rules-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = join(directory, 'policy.bpf.o');
writeFileSync(file, Uint8Array.of(1, 2));

/** Opens the rules with a fake libbpf. @returns what loads the program `entry`, and what was called and reported */
function rules(answers: Readonly<Record<string, number>>) {
  const { bpf, calls } = fakeBpf(answers);
  const reported: string[] = [];
  const filter = openRules(
    { name: 'policy', file, shown: file, shipped: true },
    {
      ops: { core: expect.unreachable as never, bcc: expect.unreachable as never, bpf: () => bpf },
      ...{ root: '/', pid: 1, variable: () => undefined, warn: expect.unreachable as never },
      report: (line) => reported.push(line),
    },
  );
  const load = (entry: string) => filter.load({ name: 'policy', file, entry, entries: [] });
  return { load, calls, reported };
}

const OPEN = 'objectOpen(0102, policy)';
const ASK = (entry: string) => [`objectProgram(5, ${entry})`, 'programId(11)'];
const COPIED = [OPEN, 'objectLoad(5, filter, false)', ...ASK(ENTRY)];

it('fills in the program that reads packets in place, and no other', () => {
  const { load, calls, reported } = rules({});
  load(ENTRY_IN_PLACE);
  expect(calls).toEqual([
    OPEN,
    'relocateKernelSymbols(5, filter_in_place)',
    'objectLoad(5, filter_in_place, false)',
    ...ASK(ENTRY_IN_PLACE),
  ]);
  calls.length = 0;
  load(ENTRY);
  expect(calls).toEqual(COPIED);
  expect(reported).toEqual([]);
});

it('takes the one that copies where the kernel has not what it takes', () => {
  const { load, calls, reported } = rules({ relocateKernelSymbols: -95 });
  expect(load(ENTRY_IN_PLACE).programId).toBe(31);
  expect(calls).toEqual([OPEN, 'relocateKernelSymbols(5, filter_in_place)', 'objectClose(5)', ...COPIED]);
  expect(reported).toEqual([
    'packets are copied to be read: unable to fill in filter policy: operation not supported on socket',
  ]);
});

it('takes the one that copies where the verifier refuses', () => {
  const { load, calls, reported } = rules({ 'objectLoad(5, filter_in_place, false)': -13 });
  load(ENTRY_IN_PLACE);
  expect(calls.slice(-COPIED.length)).toEqual(COPIED);
  expect(reported).toEqual([
    'packets are copied to be read: unable to load filter policy: permission denied',
  ]);
});

it.each([
  ['objectOpen', -2, 'ALF_OBJECT'],
  ['objectProgram', -2, 'ALF_OBJECT'],
])('does not try again when %s fails', (call, status, code) => {
  const { load, calls } = rules({ [call]: status });
  expect(failureOf(() => load(ENTRY_IN_PLACE)).code).toBe(code);
  expect(calls.filter((each) => each.startsWith(call))).toHaveLength(1);
});

it('says what is wrong when no program can be loaded', () => {
  const { load } = rules({ objectLoad: -22 });
  expect(failureOf(() => load(ENTRY_IN_PLACE)).code).toBe('ALF_VERIFIER');
});
