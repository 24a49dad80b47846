import { benchAccept } from './accept/accept.js';
import { benchClassic } from './classic/classic.js';
import { benchCommands } from './commands/commands.js';
import { benchEngines } from './engines/engines.js';
import { benchLoad } from './load/load.js';
import { compareResults } from './report/compare.js';
import { writeDocuments } from './report/documents.js';
import { renderRows } from './report/render.js';
import type { Table } from './report/result.js';
import { BEFORE, keepResults, LAST, readResults, writeResult } from './report/store.js';
import { benchSpeedtest } from './speedtest/speedtest.js';
import { benchStartup } from './startup/startup.js';
import { formatColumns } from './support/columns.js';
import { describeMachine, findDisturbances, watchMachine } from './support/machine.js';
import { childrenOf, endProcess } from './support/processes.js';
import { benchTraffic } from './traffic/traffic.js';
import { benchVerdict } from './verdict/verdict.js';
import { benchVerify } from './verify/verify.js';

/** Measures and returns tables; `short` runs briefly, to check that it works. */
type Bench = (short: boolean) => readonly Table[] | Promise<readonly Table[]>;

/** Every benchmark by name. */
const BENCHES: Readonly<Record<string, Bench>> = {
  startup: benchStartup,
  engines: benchEngines,
  verify: benchVerify,
  classic: benchClassic,
  verdict: benchVerdict,
  accept: benchAccept,
  traffic: benchTraffic,
  speedtest: benchSpeedtest,
  load: benchLoad,
  commands: benchCommands,
};

async function run(name: string, bench: Bench, short: boolean): Promise<void> {
  const before = short ? [] : await findDisturbances();
  const end = watchMachine(`while ${name} ran`);
  const started = performance.now();
  const tables = await bench(short);
  const disturbances = [...before, ...end()];
  for (const table of tables) {
    console.log(`${table.title}\nmedians (spread)${table.reference ? `, to ${table.reference}` : ''}`);
    console.log(formatColumns(renderRows(table)));
  }
  for (const line of disturbances) console.log(`not quiet: ${line}`);
  const path = writeResult({ bench: name, short, machine: describeMachine(), disturbances, tables });
  console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s, ${path}\n`);
}

/** Compares the last run with the one before. @returns whether it was reproduced */
function compare(): boolean {
  const { ratios, differing } = compareResults(readResults(BEFORE), readResults(LAST));
  for (const line of differing) console.log(line);
  console.log(`${ratios - differing.length} of ${ratios} ratios are the same within their spread`);
  return ratios > 0 && differing.length === 0;
}

/** The selected benchmarks; all without a selection. */
function chooseBenches(names: readonly string[]): [name: string, bench: Bench][] {
  const all = Object.entries(BENCHES);
  const unknown = names.find((name) => !(name in BENCHES));
  if (unknown !== undefined)
    fail(`find a benchmark ${unknown}`, `there are: ${Object.keys(BENCHES).join(', ')}`);
  return names.length === 0 ? all : all.filter(([name]) => names.includes(name));
}

/** Network namespaces and eBPF need root. */
const UNPRIVILEGED = ['classic', 'commands'];

/** Selects benchmarks, and checks that they can run. */
function chooseAllowed(names: readonly string[]): [name: string, bench: Bench][] {
  const chosen = chooseBenches(names);
  const refused = chosen.map(([name]) => name).filter((name) => !UNPRIVILEGED.includes(name));
  if (process.getuid?.() === 0 || refused.length === 0) return chosen;
  fail(`run ${refused.join(', ')} without root`, `use sudo, or choose of: ${UNPRIVILEGED.join(', ')}`);
}

function fail(what: string, hint: string): never {
  console.error(`bench: unable to ${what}\n  hint: ${hint}`);
  process.exit(1);
}

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/**
 * On a signal, ends the measured processes. The benchmark then fails, and removes its network namespaces and
 * control groups, which would otherwise remain. @returns a function that returns the exit status of a signal, if any
 */
function failOnSignal(): () => number | undefined {
  let status: number | undefined;
  for (const [signal, number] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      status = 128 + number;
      for (const child of childrenOf(process.pid)) endProcess(child);
    });
  }
  return () => status;
}

async function runAll(benches: readonly [name: string, bench: Bench][], short: boolean): Promise<void> {
  const interrupted = failOnSignal();
  try {
    for (const [name, bench] of benches) {
      await run(name, bench, short);
      if (interrupted() !== undefined) break;
    }
  } catch (error) {
    if (interrupted() === undefined) throw error;
  }
  const status = interrupted();
  if (status === undefined) return;
  console.error('bench: interrupted');
  process.exitCode = status;
}

const args = process.argv.slice(2);

if (args.includes('--compare')) {
  process.exitCode = compare() ? 0 : 1;
} else if (args.includes('--keep')) {
  keepResults();
  writeDocuments();
} else {
  const names = args.filter((arg) => !arg.startsWith('--'));
  await runAll(chooseAllowed(names), args.includes('--short'));
}
