import { describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { type CliEnv, main } from '../../../src/cli/index.js';
import { makeDirectory } from '../support/directory.js';
import { fakeBpf } from '../support/fake-bpf.js';
import { type FakeRuntime, fakeCore } from '../support/fake-core.js';
import { ROOT } from '../support/objects.js';

const OBJECT = `${ROOT}build/ebpf/whitelist.bpf.o`;
const RECORD = '0 0 1024:1024 0,1,2,';

/** Runs the command line with a machine of its own. */
async function run(
  argv: readonly string[],
  changes: Partial<CliEnv> = {},
  answers: Record<string, number> = {},
  runtime: FakeRuntime = {},
) {
  const written = { 1: '', 2: '' };
  const { core, calls, targets } = fakeCore(answers, runtime);
  const encode = (text: string) => new TextEncoder().encode(text);
  const status = await main({
    argv,
    rawArgv: argv.map(encode),
    environment: [encode('PATH=/bin')],
    record: RECORD,
    pid: 42,
    nodeVersion: '20.20.0',
    root: '/nowhere',
    ops: { core, bpf: () => fakeBpf().bpf, bcc: () => expect.unreachable() },
    write: (fd, text) => {
      written[fd] += text;
    },
    ...changes,
  });
  return { status, out: written[1], err: written[2], calls, targets };
}

const from = (record: string | undefined, ...variables: readonly string[]) => ({
  environment: variables.map((text) => new TextEncoder().encode(text)),
  record,
});

const UNTOUCHED: CliEnv['ops'] = {
  get core() {
    return expect.unreachable();
  },
  bpf: () => expect.unreachable(),
  bcc: () => expect.unreachable(),
};

describe('main', () => {
  it('prints help without touching the machine', async () => {
    const { status, out, err } = await run(['--help'], { ops: UNTOUCHED });
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(/^Usage: alfwrapper \[options\] <filter> <program>/);
    for (const word of ['--address', '--set-file', '-v, --verbose', 'Exit status:'])
      expect(out).toContain(word);
  });

  it('prints the version', async () => {
    const { status, out } = await run(['--version'], { ops: UNTOUCHED });
    expect([status, out]).toEqual([0, `alfwrapper ${manifest.version}\n`]);
  });

  it('prints a plan, and does nothing but to try the filter', async () => {
    const { status, out, err, calls } = await run(['--dry-run', OBJECT, 'true', '-v']);
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(/^load filter whitelist from .*\n[\s\S]*\nbecome true -v\n$/);
    expect(calls).toEqual(['probe()', 'tryAttach(11)']);
  });

  it('prints a plan as JSON', async () => {
    const { out } = await run(['--dry-run', '--json', '--set', 'allow4,0,10.0.0.0/8', OBJECT, 'true']);
    expect(JSON.parse(out)).toMatchObject({
      filter: { name: 'whitelist', entries: [{ map: 'allow4', key: '080000000a000000', value: '00000000' }] },
      listeners: [{ label: 'tcp [::]:4242', tier: 'ebpf', lock: true, fd: 3 }],
      target: ['true'],
    });
  });

  it.each([
    [[], 'alfwrapper: warning: 127.0.0.1/24 has host bits set, taken as 127.0.0.0/24\n'],
    [['-q'], ''],
  ])('warns on standard error with %j', async (options, expected) => {
    const argv = [...options, '--dry-run', '--set', 'allow4,0,127.0.0.1/24', OBJECT, 'true'];
    const { status, err } = await run(argv);
    expect([status, err]).toEqual([0, expected]);
  });
});

describe('main refuses', () => {
  it.each([
    [['--bogus'], 125, 'alfwrapper: unknown option --bogus\n  hint: see: alfwrapper --help\n'],
    [
      [OBJECT, 'nothing-of-that-name'],
      127,
      'alfwrapper: unable to find program nothing-of-that-name\n  hint: no directory of PATH has it\n',
    ],
    [[OBJECT, '/'], 126, 'alfwrapper: unable to execute /: it is not a regular file\n'],
    [
      ['whitelist', 'true'],
      125,
      'alfwrapper: unable to find filter whitelist\n  hint: expected a C source, a compiled object, or a shipped filter such as whitelist-private\n',
    ],
    [
      ['--set', 'allow,0,10.0.0.0/8', OBJECT, 'true'],
      125,
      'alfwrapper: the filter has no map allow\n  hint: its maps are: allow4, allow6\n',
    ],
  ])('%j with status %i and one clear message', async (argv, status, err) => {
    expect(await run(argv)).toMatchObject({ status, out: '', err, targets: [] });
  });

  it('a file that is no object', async () => {
    const file = `${makeDirectory({ 'x.bpf.o': 'text' })}/x.bpf.o`;
    expect(await run([file, 'true'])).toMatchObject({
      status: 125,
      err: makeText(
        'the file is not an ELF object',
        'expected what "clang -target bpf -g -O2 -c FILTER.c -o FILTER.bpf.o" makes',
      ),
    });
  });

  it.each([
    [
      undefined,
      [],
      'the record of the process state is missing',
      'start alfwrapper by its own name, not through node',
    ],
    [
      'x',
      [],
      'the record of the process state is damaged',
      'start alfwrapper by its own name, not through node',
    ],
    [
      RECORD,
      ['LISTEN_PID=42', 'LISTEN_FDS=1'],
      'LISTEN_FDS is 1, but descriptor 3 is not open',
      'the caller of alfwrapper must set it as sd_listen_fds(3) describes',
    ],
    [
      '0 0 1:1 0,1,2,3,',
      [],
      expect.stringMatching(/^descriptor 3 is needed for a listener but is inherited \(.*\)$/),
      'close it for this command: alfwrapper … 3>&-',
    ],
  ])('with the record %j and the variables %j', async (record, variables, message, hint) => {
    const { status, err, calls } = await run([OBJECT, 'true'], from(record, 'PATH=/bin', ...variables));
    const [first = '', second] = err.split('\n');
    expect([status, first.replace('alfwrapper: ', ''), second]).toEqual([125, message, `  hint: ${hint}`]);
    expect(calls.filter((call) => call.startsWith('launchOpen'))).toEqual([]);
  });

  it('does not mind an activation that was for somebody else', async () => {
    const changes = from(RECORD, 'PATH=/bin', 'LISTEN_PID=41', 'LISTEN_FDS=1');
    expect(await run(['--dry-run', OBJECT, 'true'], changes)).toMatchObject({ status: 0 });
  });

  it('where eBPF is refused', async () => {
    const { status, err } = await run([OBJECT, 'true'], {}, {}, { probe: { ebpf: -1 } });
    expect(status).toBe(125);
    expect(err).toMatch(
      /^alfwrapper: unable to enforce a filter on tcp \[::\]:4242: loading eBPF is refused: operation not permitted \(EPERM\)\n {2}hint: .*CAP_BPF.*\n$/,
    );
  });

  it('an error of its own as one, with the place', async () => {
    const ops = { core: undefined as never, bpf: UNTOUCHED.bpf, bcc: UNTOUCHED.bcc };
    const { status, err } = await run([OBJECT, 'true'], { ops });
    expect(status).toBe(125);
    expect(err).toMatch(/^alfwrapper: internal error: TypeError: .*\n {4}at /);
  });
});

function makeText(message: string, hint: string): string {
  return `alfwrapper: ${message}\n  hint: ${hint}\n`;
}
