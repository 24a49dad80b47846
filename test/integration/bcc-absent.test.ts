import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { installed, run } from '../support/run.js';

const FILTER = 'test/fixtures/bcc/interfaces.c';

describeWith(['root', 'bpf', 'netns', 'strace', 'bcc'], 'libbcc', () => {
  const { server } = makeNetwork();

  it('is named with its packages where it was not there when alfwrapper was built', async () => {
    const root = mkdtempSync(join(tmpdir(), 'alfwrapper-no-bcc-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    cpSync(installed(''), root, { recursive: true, preserveTimestamps: true });
    rmSync(join(root, 'build/native/alf_bcc.node'));
    const launch = (filter: string) =>
      run([...server, join(root, 'alfwrapper'), '--port', '0', filter, 'true']);
    const { status, stdout, stderr } = await launch(FILTER);
    expect({ status, stdout, stderr }).toEqual({
      status: 125,
      stdout: '',
      stderr:
        `alfwrapper: unable to load ${root}/build/native/alf_bcc.node: no such file (ENOENT)\n` +
        "  hint: filters in BCC's dialect need libbcc; install it (Debian and Ubuntu: libbpfcc-dev, Fedora: bcc-devel, Arch: bcc), then run scripts/setup.sh\n",
    });
    expect(await launch('whitelist-private')).toMatchObject({ status: 0, stderr: '' });
  });

  it('is named with its package where it is gone since', async () => {
    const hide =
      'for f in $(ldconfig -p | sed -n "s|.*=> \\(.*/libbcc.so.0\\)$|\\1|p"); do mount --bind /dev/null "$f"; done; exec "$@"';
    const command = [
      ...server,
      'unshare',
      '--mount',
      'sh',
      '-c',
      hide,
      'sh',
      './alfwrapper',
      '--port',
      '0',
      FILTER,
      'true',
    ];
    const { status, stderr } = await run(command);
    expect(status).toBe(125);
    expect(stderr).toMatch(
      /^alfwrapper: unable to load \S+\/alf_bcc\.node: \S*libbcc\.so\.0: .*\n {2}hint: install libbcc \(Debian and Ubuntu: libbpfcc, Fedora and Arch: bcc\)\n$/,
    );
  });

  it.each([
    ['a shipped filter', ['whitelist-private']],
    ['rules', ['--tier', 'ebpf', '--allow', 'private']],
  ])('is not loaded for %s, nor is its engine', async (_, filter) => {
    const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-opened-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const log = join(directory, 'log');
    const traced = [
      'strace',
      '-f',
      '-o',
      log,
      '-e',
      'trace=openat',
      './alfwrapper',
      '--port',
      '0',
      ...filter,
      'true',
    ];
    expect(await run([...server, ...traced])).toMatchObject({ status: 0 });
    const opened = readFileSync(log, 'utf8');
    expect(opened).toContain('alf_bpf.node');
    expect(opened).not.toMatch(/libbcc|libclang|alf_bcc|bcc\.c?js/);
  });
});
