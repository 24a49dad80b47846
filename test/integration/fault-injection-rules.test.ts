import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { FaultReport } from '../support/fault-runner.js';
import { untilEnded } from '../support/processes.js';
import { describeWith } from '../support/requires.js';
import { run } from '../support/run.js';

/** A launch, and the calls whose failure does not stop it, by name. */
interface Case {
  readonly name: string;
  readonly argv: readonly string[];
  readonly tolerated: readonly string[];
  /** How many companions it starts. */
  readonly companions: number;
  /** How many sockets the target gets. */
  readonly handedOver?: number;
}

/** So many addresses that the policy has several pages. */
const MANY = Array.from({ length: 6000 }, (_, i) => `${1 + (i >> 8)}.${i & 0xff}.0.1`).join(',');

/** A socket that a launch finds in its place, left by nobody. */
const FILE = join(tmpdir(), `alf-fault-${process.pid}.sock`);

const RULES = '--allow 127.0.0.1,::1 --deny 10.0.0.0/8 true'.split(' ');

// There is another program, which reads packets by a helper. What is closed after the handover is of this test only.
const READING = ['launchClose', 'objectClose', 'relocateKernelSymbols', 'objectLoad'];

/** Lines about steps that were done. */
const REPORTED =
  /^alfwrapper: ((tcp|udp|unix\S*) \S+.*: (tier|no filter)|companion is process |the program cannot |sockets that |set |empty |drop all |change )/;

const CASES: readonly Case[] = [
  {
    name: 'ebpf',
    argv: ['-v', '--tier', 'ebpf', '--listen', '[::1]:0', '--listen', 'udp:[::1]:0', ...RULES],
    tolerated: [...READING, 'pidfdId', 'takeLog'],
    companions: 0,
  },
  {
    name: 'ebpf with many addresses',
    argv: [
      '-v',
      '--tier',
      'ebpf',
      '--listen',
      '[::1]:0',
      '--listen',
      'udp:[::1]:0',
      '--deny',
      MANY,
      ...RULES,
    ],
    // Pages are added one by one where they cannot be added at once.
    tolerated: ['mapClose', 'mapUpdateBatch', ...READING, 'pidfdId', 'takeLog'],
    companions: 0,
  },
  {
    name: 'the strongest, and the next where ebpf is refused',
    argv: ['-v', '--listen', '[::1]:0', '--listen', 'udp:[::1]:0', ...RULES],
    tolerated: [...['mapUpdate', ...READING, 'objectMap', 'pidfdId', 'takeLog', 'tryAttach']],
    companions: 0,
  },
  {
    name: 'classic',
    argv: ['-v', '--tier', 'classic', '--listen', '[::1]:0', '--listen', 'udp:[::1]:0', ...RULES],
    tolerated: ['launchClose', 'pidfdId'],
    companions: 0,
  },
  {
    name: 'steer, of sockets that the program opens',
    argv: ['-v', '--tier', 'steer', ...RULES],
    tolerated: ['launchClose', 'pidfdId'],
    companions: 1,
    handedOver: 0,
  },
  {
    name: 'steer',
    argv: ['-v', '--tier', 'steer', '--listen', '[::]:0', '--listen', '127.0.0.1:0', ...RULES],
    // The sink has two shields, and a companion that resets if its queue cannot be filled.
    tolerated: ['launchClose', 'pidfdId', 'runtime'],
    companions: 1,
  },
  {
    name: 'classic, and none where none is needed',
    argv: [
      ...['-v', '--listen', FILE, '--listen', `unix-dgram:@${FILE}`],
      ...['--rule', 'deny from 10.0.0.0/8', '--rule', 'default allow', 'true'],
    ],
    tolerated: ['launchClose', 'pidfdId', 'probe'],
    companions: 0,
  },
  {
    name: 'ebpf, for another user',
    argv: [
      ...['-v', '--tier', 'ebpf', '--listen', '[::1]:0', '--listen', 'udp:[::1]:0'],
      ...['--user', 'nobody', '--umask', '27', '--chdir', '/', '--no-new-privs', ...RULES],
    ],
    tolerated: ['groupsOf', ...READING, 'pidfdId', 'takeLog'],
    companions: 0,
  },
];

describeWith(
  ['root', 'bpf'],
  'a launch with rules in which the n-th native call or system call of the runtime fails',
  () => {
    afterAll(() => rmSync(FILE, { force: true }));

    it.each(CASES)(
      'leaves nothing and hands nothing over: tier $name',
      { timeout: 180_000 },
      async (launch) => {
        const runner = [
          'env',
          `STALE_SOCKET=${FILE}`,
          'node',
          '--import',
          'tsx',
          'test/support/fault-runner.ts',
          ...launch.argv,
        ];
        const { status, stdout, stderr } = await run(runner);
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        const lines = stdout.trimEnd().split('\n');
        const [first, ...reports] = lines.map((line) => JSON.parse(line) as FaultReport);
        const { companions, handedOver: handed = 2 } = launch;
        expect(first).toMatchObject({ status: 0, handedOver: handed, companions: { length: companions } });
        expect(reports).toHaveLength((first?.calls.length ?? 0) + (first?.runtimeCalls ?? 0));

        const failed = reports.filter(({ handedOver, status }) => handedOver === null || status !== 0);
        for (const { n, failed: call, status, stderr, left, handedOver } of failed) {
          expect({ n, call, status, left, handedOver }).toEqual({
            n,
            call,
            status: 125,
            left: [],
            handedOver: null,
          });
          // What was reported of earlier steps, then one line and a hint at most.
          const errors = stderr.split('\n').filter((line) => !REPORTED.test(line));
          expect(errors.join('\n')).toMatch(
            /^alfwrapper: unable to [^\n]+ \((EIO|ENOSYS)\)\n( {2}hint: [^\n]+\n)?$/,
          );
        }
        const others = reports.filter((report) => !failed.includes(report));
        expect([...new Set(others.map(({ failed }) => failed))].sort()).toEqual([...launch.tolerated].sort());
        expect(others.filter(({ status, handedOver }) => status !== 0 || handedOver !== handed)).toEqual([]);

        await untilEnded([first, ...reports].flatMap((report) => report?.companions ?? []));
      },
    );
  },
);
