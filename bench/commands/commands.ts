import type { Table } from '../report/result.js';
import { timeCommands, timingRows } from '../support/commands.js';

const ALF = './alfwrapper';
const NODE = 'node -e 0';

const COMMANDS = {
  [NODE]: ['node', '-e', '0'],
  '--version': [ALF, '--version'],
  '--help': [ALF, '--help'],
  check: [ALF, 'check', '--allow', 'private', '10.0.0.1'],
  'check --policy examples/web.rules': [
    ALF,
    'check',
    '--policy',
    'examples/web.rules',
    '--on',
    'lo',
    '--to',
    '192.0.2.1:443',
    '203.0.113.9',
  ],
  'fmt examples/web.rules': [ALF, 'fmt', 'examples/web.rules'],
  'explain --tier steer': [ALF, 'explain', '--tier', 'steer', '--allow', 'private'],
  'explain --tier ebpf': [ALF, 'explain', '--tier', 'ebpf', '--allow', 'private'],
  doctor: [ALF, 'doctor'],
  '--dry-run': [ALF, '--dry-run', '--allow', 'private', 'true'],
} as const;

/**
 * Measures the commands other than a launch, as whole processes, compared with a bare node.
 *
 * @param short runs briefly, to check that it works
 */
export function benchCommands(short: boolean): Table[] {
  const timings = timeCommands(COMMANDS, short ? 2 : 25);
  return [
    {
      id: 'commands',
      title: 'Commands, from start to exit',
      columns: [
        { name: 'time', unit: 'ms', digits: 0 },
        { name: 'peak memory', unit: 'MiB', digits: 0 },
      ],
      reference: NODE,
      ratios: 'times',
      rows: timingRows(timings, NODE),
    },
  ];
}
