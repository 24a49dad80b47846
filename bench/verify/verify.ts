import { ENTRY } from '../../src/bpf/object/index.js';
import { ENTRY_IN_PLACE } from '../../src/compile/table/index.js';
import { makeCell, type Table } from '../report/result.js';
import { BPF_ONLY, buildTool, runTool } from '../support/tools.js';

const FILTERS = ['policy', 'whitelist', 'whitelist-private', 'subnets', 'interfaces', 'knocking'] as const;

/** The measurements of one load of one filter. */
interface Load {
  readonly index: number;
  readonly ms: number;
  readonly instructions: number;
  readonly verified: number;
}

/**
 * Measures loading the shipped filters into the kernel, maps included, and the steps of the verifier: with all
 * capabilities, and with CAP_BPF alone, when it also follows speculative paths. Needs root.
 *
 * @param short runs briefly, to check that it works
 */
export function benchVerify(short: boolean): readonly Table[] {
  const loader = buildTool('load', 'bench/verify/load.c', '-lbpf');
  const rounds = short ? 2 : 21;
  const [all, alone] = [
    runTool(loader, [rounds, ...programs(ENTRY_IN_PLACE)]),
    runTool('setpriv', [...BPF_ONLY, loader, rounds, ...programs(ENTRY)]),
  ].map((lines) => lines.map(readLoad));
  const loadsOf = (loads: readonly Load[] = [], of: number) => loads.filter(({ index }) => index === of);
  return [
    {
      id: 'verify',
      title: 'Loading a filter into the kernel, its maps included',
      columns: [
        { name: 'instructions', unit: '', digits: 0 },
        { name: 'as root', unit: 'ms', digits: 1 },
        { name: 'verified', unit: '', digits: 0 },
        { name: 'with CAP_BPF alone', unit: 'ms', digits: 1 },
        { name: 'verified', unit: '', digits: 0 },
      ],
      ratios: 'times',
      rows: FILTERS.map((name, index) => ({
        name,
        cells: [
          makeCell(loadsOf(all, index).map(({ instructions }) => instructions)),
          ...[all, alone].flatMap((loads) => [
            makeCell(loadsOf(loads, index).map(({ ms }) => ms)),
            makeCell(loadsOf(loads, index).map(({ verified }) => verified)),
          ]),
        ],
      })),
    },
  ];
}

/** Objects, each with the program that a launch uses. */
function programs(ofPolicy: string): string[] {
  return FILTERS.flatMap((name) => [`build/ebpf/${name}.bpf.o`, name === 'policy' ? ofPolicy : ENTRY]);
}

function readLoad([index = 0, ns = 0, instructions = 0, verified = 0]: readonly number[]): Load {
  return { index, ms: ns / 1e6, instructions, verified };
}
