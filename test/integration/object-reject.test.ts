import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { mutate } from '../support/mutate.js';
import { makeNetwork } from '../support/network.js';
import { Random, seedOf } from '../support/random.js';
import { describeWith } from '../support/requires.js';
import { installed, run } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-object-reject-'));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));

const AGAIN = 'compile the object again';
const COMPILE = 'expected what "clang -target bpf -g -O2 -c FILTER.c -o FILTER.bpf.o" makes';

/** How many broken objects go through launches, and how many through libbpf and the kernel in one process. */
const LAUNCHES = 24;
const LOADS = 1500;

describeWith(['root', 'bpf', 'netns'], 'an object that cannot be', () => {
  const { server } = makeNetwork();
  const shipped = (name: string) => readFileSync(installed(`build/ebpf/${name}.bpf.o`));

  const launch = (file: string, as: readonly string[] = []) =>
    run([...server, ...as, installed('alfwrapper'), '--port', '0', file, 'echo', 'running'], {
      cwd: directory,
    });

  /** Bytes of another machine's object: e_machine stands at offset 18. */
  const forX86 = (object: Buffer) =>
    Buffer.concat([object.subarray(0, 18), Buffer.of(62, 0), object.subarray(20)]);

  it.each<[string, () => Uint8Array, string, string]>([
    ['no bytes', () => new Uint8Array(), 'the file is empty', COMPILE],
    ['text', () => Buffer.from('hello\n'), 'the file is not an ELF object', COMPILE],
    [
      'a magic and nothing else',
      () => shipped('whitelist').subarray(0, 4),
      'the object is not 64-bit',
      COMPILE,
    ],
    [
      'half a header',
      () => shipped('whitelist').subarray(0, 40),
      'the ELF object is damaged or cut short',
      AGAIN,
    ],
    [
      'half of it',
      () => shipped('whitelist').subarray(0, 3000),
      'the ELF object is damaged or cut short',
      AGAIN,
    ],
    [
      'all but its last byte',
      () => shipped('whitelist').subarray(0, -1),
      'the ELF object is damaged or cut short',
      AGAIN,
    ],
    ['another machine', () => forX86(shipped('whitelist')), 'the object is not for the BPF machine', COMPILE],
  ])('is refused for %s', async (_, make, message, hint) => {
    writeFileSync(join(directory, 'f.bpf.o'), make());
    expect(await launch('f.bpf.o')).toMatchObject({
      status: 125,
      stdout: '',
      stderr: `alfwrapper: ${message}\n  hint: ${hint}\n`,
    });
  });

  it('is refused if it cannot be read, is no file, or is not there', async () => {
    writeFileSync(join(directory, 'dark.bpf.o'), shipped('whitelist'), { mode: 0o600 });
    expect(await launch('dark.bpf.o', AS_NOBODY)).toMatchObject({
      status: 125,
      stdout: '',
      stderr:
        `alfwrapper: unable to read ${directory}/dark.bpf.o: permission denied (EACCES)\n` +
        '  hint: the user that starts alfwrapper must be able to read it\n',
    });
    expect(await launch('./')).toMatchObject({
      status: 125,
      stdout: '',
      stderr:
        'alfwrapper: filter ./ is not a regular file\n  hint: ' +
        'expected a C source, a compiled object, or a shipped filter such as whitelist-private\n',
    });
    expect(await launch('absent.bpf.o')).toMatchObject({
      status: 125,
      stdout: '',
      stderr:
        'alfwrapper: unable to find filter absent.bpf.o\n  hint: ' +
        'expected a C source, a compiled object, or a shipped filter such as whitelist-private\n',
    });
  });

  it(`runs or is refused with a line and a hint: ${LAUNCHES} damaged objects`, async () => {
    const random = new Random(seedOf('damaged objects that are launched'));
    const object = shipped('knocking');
    for (let done = 0; done < LAUNCHES; done += 4) {
      await Promise.all(
        [0, 1, 2, 3].map(async (i) => {
          writeFileSync(join(directory, `${done + i}.bpf.o`), mutate(object, random));
          const { status, stdout, stderr } = await launch(`${done + i}.bpf.o`);
          if (status === 0) return expect({ stdout, stderr }).toEqual({ stdout: 'running\n', stderr: '' });
          expect({ number: done + i, status, stdout }).toEqual({ number: done + i, status: 125, stdout: '' });
          expect(stderr).toMatch(/^alfwrapper: .+\n {2}hint: .+\n$/);
        }),
      );
    }
  }, 180_000);

  it(`ends neither libbpf nor us: ${LOADS} damaged objects in one process`, async () => {
    const seed = seedOf('damaged objects that are loaded');
    const program = ['--import', 'tsx', 'test/fixtures/load-damaged.mts'];
    for (const name of ['whitelist', 'knocking']) {
      const object = installed(`build/ebpf/${name}.bpf.o`);
      const { status, stdout, stderr } = await run([
        'node',
        ...program,
        object,
        String(seed),
        String(LOADS / 2),
      ]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const [refused, loaded] = stdout.split(' ').map(Number);
      expect((refused ?? 0) + (loaded ?? 0)).toBe(LOADS / 2);
      expect(refused).toBeGreaterThan(0);
    }
  }, 180_000);
});
