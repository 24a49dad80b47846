import { describe, expect, it } from 'vitest';
import { AlfError } from '../../../src/errors/index.js';
import { loadFilter } from '../../../src/filter/index.js';
import { failureOf } from '../support/failure.js';
import { fakeBpf } from '../support/fake-bpf.js';

const FILTER = {
  name: 'test',
  file: '/filters/test.bpf.o',
  entry: 'filter',
  entries: [
    { map: 'a', key: '00', value: '01', keyText: '0', valueText: '1' },
    { map: 'b', key: '0102', value: 'ff', keyText: '513', valueText: '255' },
    { map: 'a', key: '01', value: '02', keyText: '1', valueText: '2' },
  ],
};

const LOG =
  "libbpf: prog 'filter': -- BEGIN PROG LOAD LOG --\n0: (95) exit\nR0 !read_ok\n-- END PROG LOAD LOG --\n";

const FILE = Uint8Array.of(1, 2);

it('gives every CPU the value of a per-CPU map, at multiples of 8 bytes', () => {
  const { bpf, calls } = fakeBpf();
  const entry = { map: 'a', key: '00', value: '0102', keyText: '0', valueText: '513', perCpu: true } as const;
  loadFilter(bpf, FILE, { ...FILTER, entries: [entry, entry] });
  const update = `mapUpdate(21, 00, ${'0102000000000000'.repeat(3)})`;
  expect(calls.slice(2, 6)).toEqual(['objectMap(5, a)', 'possibleCpus()', update, update]);
});

it('opens, loads, writes the entries and asks for the program, in that order', () => {
  const { bpf, calls } = fakeBpf();
  const filter = loadFilter(bpf, FILE, FILTER);
  expect(calls).toEqual([
    'objectOpen(0102, test)',
    'objectLoad(5, filter, false)',
    'objectMap(5, a)',
    'mapUpdate(21, 00, 01)',
    'objectMap(5, b)',
    'mapUpdate(22, 0102, ff)',
    'mapUpdate(21, 01, 02)',
    'objectProgram(5, filter)',
    'programId(11)',
  ]);
  expect([filter.programFd, filter.programId]).toEqual([11, 31]);
  filter.close();
  expect(calls.at(-1)).toBe('objectClose(5)');
});

describe('a failure', () => {
  it.each([
    [
      'objectOpen',
      -22,
      '',
      'ALF_OBJECT',
      'unable to open filter test: invalid argument',
      'compile the object again',
    ],
    [
      'objectOpen',
      -22,
      'libbpf: elf: no\n',
      'ALF_OBJECT',
      'unable to open filter test: elf: no',
      'compile the object again',
    ],
    [
      'objectOpen',
      -2,
      "libbpf: failed to find BTF for extern 'elsewhere' [20] section: -2\n",
      'ALF_OBJECT',
      'unable to open filter test: elsewhere is declared and nowhere defined',
      'a filter is linked with nothing: what it calls has to be in its source, or a helper of <bpf/bpf_helpers.h>',
    ],
    [
      'objectLoad',
      -7,
      "libbpf: map 'seen': failed to create: Argument list too long(-7)\nlibbpf: failed to load object 'test'\n",
      'ALF_MAP',
      'unable to create map seen of filter test: argument list too long',
      'it is larger than the kernel takes: lower its number of entries, or the size of a key or a value',
    ],
    [
      'objectLoad',
      -7,
      "libbpf: prog 'filter': failed to load: -7\nlibbpf: failed to load object 'test'\n",
      'ALF_VERIFIER',
      'unable to load filter test: it has more instructions than 1000000',
      'split it, or unroll less',
    ],
    [
      'objectLoad',
      -7,
      LOG.replace('R0 !read_ok', 'BPF program is too large. Processed 1000001 insn'),
      'ALF_VERIFIER',
      "unable to load filter test: the verifier's limit of 1000000 instructions was exceeded",
      'every turn of a loop counts: make its loops shorter',
    ],
    [
      'objectLoad',
      -22,
      '',
      'ALF_VERIFIER',
      'unable to load filter test: invalid argument',
      'compile the object again',
    ],
    [
      'objectLoad',
      -22,
      LOG,
      'ALF_VERIFIER',
      'unable to load filter test: R0 !read_ok (3 lines omitted)',
      'run with -v to see the whole log',
    ],
    ['objectMap', -22, '', 'ALF_MAP', 'unable to find map a: invalid argument', undefined],
    ['mapUpdate', -22, '', 'ALF_MAP', 'unable to set an entry of map a: invalid argument', undefined],
    [
      'mapUpdate',
      -28,
      '',
      'ALF_MAP',
      'unable to set an entry of map a: no space left on device',
      'the map is full',
    ],
    [
      'mapUpdate',
      -7,
      '',
      'ALF_MAP',
      'unable to set an entry of map a: argument list too long',
      'the map is full',
    ],
    [
      'mapUpdate',
      -12,
      '',
      'ALF_MAP',
      'unable to set an entry of map a: not enough memory',
      'the kernel has no memory left for the map',
    ],
    [
      'objectProgram',
      -22,
      '',
      'ALF_OBJECT',
      'unable to load filter test: invalid argument',
      'compile the object again',
    ],
    ['programId', -22, '', 'ALF_OBJECT', 'unable to load filter test: invalid argument', undefined],
  ])('of %s (%i) leaves nothing open', (name, status, log, code, message, hint) => {
    const { bpf, calls } = fakeBpf({ [name]: status }, log);
    const failure = failureOf(() => loadFilter(bpf, FILE, FILTER));
    expect(failure).toMatchObject({ code, message });
    expect(failure.hint).toBe(hint);
    // What could be opened is closed, as often as it was.
    const opened = calls.filter((call) => name !== 'objectOpen' && call.startsWith('objectOpen'));
    expect(calls.filter((call) => call === 'objectClose(5)')).toHaveLength(opened.length);
  });

  it('carries the whole log, for which it is loaded once more', () => {
    const { bpf, calls } = fakeBpf({ objectLoad: -13 }, 'what it says at first', LOG);
    try {
      loadFilter(bpf, FILE, FILTER);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(AlfError);
      expect(error).toMatchObject({ errno: 'EACCES', detail: LOG });
    }
    const loads = calls.filter((call) => call.startsWith('objectLoad'));
    expect(loads).toEqual(['objectLoad(5, filter, false)', 'objectLoad(5, filter, true)']);
  });

  it('is not loaded once more where the log would have no end', () => {
    const { bpf, calls } = fakeBpf({ objectLoad: -7 }, LOG);
    expect(failureOf(() => loadFilter(bpf, FILE, FILTER)).errno).toBe('E2BIG');
    expect(calls.filter((call) => call.startsWith('objectLoad'))).toHaveLength(1);
  });
});
