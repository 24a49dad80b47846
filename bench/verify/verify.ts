import { formatColumns } from '../support/columns.js';
import { formatSpread, spread } from '../support/statistics.js';
import { BPF_ONLY, buildTool, runTool } from '../support/tools.js';

const FILTERS = ['policy', 'whitelist', 'whitelist-private', 'subnets', 'interfaces', 'knocking'] as const;

/**
 * How long the kernel takes to load the shipped filters, maps included, and what its verifier goes through: with all
 * capabilities, and with CAP_BPF alone, when it also follows what a processor might speculate on. Needs root.
 *
 * @param rounds how often each filter is loaded
 */
export function benchVerify(rounds: number): void {
  const loader = buildTool('load', 'bench/verify/load.c', '-lbpf');
  const args = [rounds, ...FILTERS.map((name) => `build/ebpf/${name}.bpf.o`)];
  const [all, alone] = [runTool(loader, args), runTool('setpriv', [...BPF_ONLY, loader, ...args])];
  const rows = FILTERS.map((name, index) => {
    const cells = [all, alone].flatMap((lines) => {
      const loads = lines.filter(([of]) => of === index);
      const ms = spread(loads.map(([, ns = 0]) => ns / 1e6));
      return [formatSpread(ms, 1), String(loads[0]?.[3])];
    });
    return [name, String(all.find(([of]) => of === index)?.[2]), ...cells];
  });
  const head = ['filter', 'instructions', 'root: ms', 'verified', 'CAP_BPF alone: ms', 'verified'];
  console.log(`loading a filter, ${rounds} rounds in turn: median (quartiles)`);
  console.log(formatColumns([head, ...rows]));
}
