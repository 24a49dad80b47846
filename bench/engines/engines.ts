import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Table } from '../report/result.js';
import { timeCommands, timingRows } from '../support/commands.js';
import { BENCH_BUILD, buildObject } from '../support/tools.js';

const SHIPPED = 'shipped';
const SUBNETS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** Start → exec with one subnet filter: the shipped one, and as an object or source. */
function engineCommands(): Readonly<Record<string, readonly string[]>> {
  const cache = resolve(BENCH_BUILD, 'engines-cache');
  const source = `${BENCH_BUILD}/engines-whitelist.c`;
  mkdirSync(BENCH_BUILD, { recursive: true });
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { mode: 0o700 });
  // Without alfwrapper's files next to it, like a user's filter.
  copyFileSync('ebpf/whitelist.c', source);
  const object = buildObject('engines-whitelist', source);
  const start = (filter: string, cacheHome = cache) => [
    ...['env', '-u', 'HOME', `XDG_CACHE_HOME=${cacheHome}`, './alfwrapper', '--port', '0'],
    ...SUBNETS.flatMap((subnet, slot) => ['--set', `allow4,${slot},${subnet}`]),
    ...[filter, 'true'],
  ];
  return {
    [SHIPPED]: start('whitelist'),
    object: start(object),
    'clang, cached': start(source),
    'clang, not cached': start(source, ''),
    BCC: start('test/fixtures/bcc/subnets.c'),
  };
}

/**
 * Measures a launch by engine: start → exec of `true` with a list of subnets, whole processes. Needs root.
 *
 * @param short runs briefly, to check that it works
 */
export function benchEngines(short: boolean): readonly Table[] {
  const timings = timeCommands(engineCommands(), short ? 1 : 25);
  return [
    {
      id: 'engines',
      title: 'Start → exec with a list of subnets, by engine',
      columns: [
        { name: 'start → exec', unit: 'ms', digits: 1 },
        { name: 'peak memory', unit: 'MiB', digits: 1 },
      ],
      reference: SHIPPED,
      ratios: 'times',
      rows: timingRows(timings, SHIPPED),
    },
  ];
}
