import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeWith } from '../support/requires.js';
import { cleanEnvironment, fixture, installed, run } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';
import { SHIPPED } from '../unit/support/objects.js';

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-inspect-'));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));
const place = (name: string) => join(directory, name);

/** No cache: an ordinary user has no place for one. */
const env = cleanEnvironment({ HOME: '/nonexistent' });

function inspect(words: readonly string[], as: readonly string[] = []) {
  return run([...as, installed('alfwrapper'), 'inspect', ...words], { cwd: directory, env });
}

async function inspectJson(words: readonly string[], as: readonly string[] = []) {
  const { status, stdout, stderr } = await inspect(['--json', ...words], as);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('inspect', () => {
  it('says the same of a source as of the object it becomes, to an ordinary user too', async () => {
    // Whatever it is called.
    copyFileSync('test/fixtures/bpf/types.c', place('types'));
    copyFileSync(fixture('types.bpf.o'), place('types.bpf.o'));
    const object = await inspectJson(['types.bpf.o'], AS_NOBODY);
    const { status, stdout } = await inspect(['--json', './types'], AS_NOBODY);
    expect(status).toBe(0);
    expect(object).toMatchObject({ file: place('types.bpf.o'), engine: 'object', shipped: false });
    expect(object).toMatchObject({ license: 'GPL', keepsState: true });
    expect(object.maps).toHaveLength(12);
    expect(JSON.parse(stdout)).toEqual({ ...object, file: place('types'), engine: 'clang' });
  });

  it('starts at the program that is named', async () => {
    const programs = async (...words: string[]) =>
      (await inspectJson([...words, fixture('types.bpf.o')])).programs.map(
        ({ name, entry }: { name: string; entry: boolean }) => [name, entry],
      );
    expect(await programs()).toEqual([
      ['filter', true],
      ['count', false],
    ]);
    expect(await programs('--entry', 'count')).toEqual([
      ['filter', false],
      ['count', true],
    ]);
  });

  it.each(SHIPPED)('knows that %s is a shipped one', async (name) => {
    const [byName, bySource] = [await inspectJson([name]), await inspectJson([`ebpf/${name}.c`])];
    expect(byName).toMatchObject({ name, shipped: true, engine: 'object', license: 'GPL' });
    expect(bySource).toEqual(byName);
  });
});

/** The words, and all that is said on standard error: one line and a hint. */
const object = readFileSync(fixture('types.bpf.o'));
const FILES: Readonly<Record<string, Uint8Array | string>> = {
  'empty.bpf.o': '',
  'cut.bpf.o': object.subarray(0, object.length / 2),
  'half.c': object.subarray(0, 70),
  'noise.bpf.o': Buffer.concat([object.subarray(0, 64), Buffer.alloc(4000, 0xa5)]),
  'text.c': 'hello\n',
  'broken.c': '#include <alf/filter.h>\nALF_FILTER int filter(struct __sk_buff *skb) { return 0 }\n',
  'many.c':
    '#include <alf/filter.h>\nALF_FILTER int a(struct __sk_buff *skb) { return 0; }\nALF_FILTER int b(struct __sk_buff *skb) { return 0; }\n',
};

const DAMAGED = 'alfwrapper: the ELF object is damaged or cut short\n  hint: compile the object again\n';

describe('inspect refuses', () => {
  for (const [name, content] of Object.entries(FILES)) writeFileSync(place(name), content);

  it.each<[words: string[], status: number, said: string]>([
    [[], 2, 'alfwrapper: inspect takes one filter\n  hint: expected: alfwrapper inspect [--json] FILTER\n'],
    [
      ['a', 'b'],
      2,
      'alfwrapper: inspect takes one filter\n  hint: expected: alfwrapper inspect [--json] FILTER\n',
    ],
    [['cut.bpf.o'], 1, DAMAGED],
    [['half.c'], 1, DAMAGED],
    [['noise.bpf.o'], 1, DAMAGED],
  ])('%j', async (words, status, said) => {
    expect(await inspect(words)).toMatchObject({ status, stdout: '', stderr: said });
  });

  it.each<[words: string[], line: RegExp]>([
    [['--engine', 'gcc', 'many.c'], /^alfwrapper: .*gcc.*$/],
    [['absent.c'], /^alfwrapper: unable to find filter absent\.c$/],
    [['/'], /^alfwrapper: filter \/ is not a regular file$/],
    [['empty.bpf.o'], /^alfwrapper: the file is empty$/],
    [['text.c'], /^alfwrapper: unable to detect the dialect of text\.c: .*$/],
    [['broken.c'], /^alfwrapper: unable to compile broken\.c: broken\.c:2:\d+: expected ';' .*$/],
    [['many.c'], /^alfwrapper: the filter has several programs, none called filter: a, b$/],
    [['--entry', 'c', 'many.c'], /^alfwrapper: the filter has no function c \(it has: a, b\)$/],
  ])('%j with one line', async (words, line) => {
    const { status, stdout, stderr } = await inspect(words);
    const said = stderr
      .trimEnd()
      .split('\n')
      .filter((text) => !text.includes(': warning: '));
    expect(said[0]).toMatch(line);
    expect(said.slice(1).every((hint) => hint.startsWith('  hint: '))).toBe(true);
    expect(said.length).toBeLessThanOrEqual(2);
    expect([status, stdout]).toEqual([['--engine'].includes(words[0] ?? '') ? 2 : 1, '']);
  });
});

describeWith(['root', 'bpf', 'bcc'], "inspect of BCC's dialect", () => {
  it.each([
    ['subnets', false],
    ['interfaces', false],
    ['knocking', true],
  ])('%s', async (name, keepsState) => {
    const described = await inspectJson([join(process.cwd(), 'test/fixtures/bcc', `${name}.c`)]);
    expect(described).toMatchObject({ name, engine: 'bcc', license: 'GPL', keepsState });
    expect(described.programs).toEqual([{ name: 'filter', section: 'socket', entry: true }]);
  });

  it('shows tables as it shows maps', async () => {
    const { stdout } = await inspect([join(process.cwd(), 'test/fixtures/bcc/subnets.c')]);
    expect(stdout.split('\n\n')[1]).toBe(
      [
        'map allow4: hash, up to 23 entries',
        '  key: struct index, 4 bytes: a number from 0 to 4294967295',
        '  value: struct subnet4, 5 bytes: an IPv4 prefix (192.0.2.0/24)',
        '  set with --set allow4,KEY,VALUE',
      ].join('\n'),
    );
  });

  it('says the licence that the source says', async () => {
    const source = (license: string) =>
      `#include <bcc/proto.h>\n${license}uint32_t filter(struct __sk_buff *skb) { return 0; }\n`;
    writeFileSync(place('own.c'), source('#define BPF_LICENSE Dual MIT/GPL\n'));
    expect(await inspectJson(['own.c'])).toMatchObject({ license: 'Dual MIT/GPL', keepsState: false });
  });

  it('leaves nothing in the kernel, and says what it lacks without privilege', async () => {
    copyFileSync('test/fixtures/bcc/interfaces.c', place('interfaces.c'));
    copyFileSync('test/fixtures/bcc/common.h', place('common.h'));
    const { status, stdout, stderr } = await inspect(['./interfaces.c'], AS_NOBODY);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^alfwrapper: unable to create table interfaces of \.\/interfaces\.c: .*EPERM\)\n( {2}hint: .*\n)?$/,
    );
  });
});
