import { ADDRESS, createNetwork } from '../../test/support/hosts.js';
import { makeCell, type Table } from '../report/result.js';
import { BENCH_BUILD, buildTool } from '../support/tools.js';
import { measurePass, type Sample } from './pass.js';
import { makeVariants, NO_FILTER, type Variant } from './variants.js';

/** The paths from a client to the server; from another host packets cross a veth pair. */
const PATHS = [
  { id: 'loopback', title: 'loopback', argument: 's=127.0.0.1' },
  { id: 'veth', title: 'a pair of veth devices', argument: `c=${ADDRESS.server.private4}` },
] as const;

/** In the order of bench/traffic/operations.h. */
const OPERATIONS = [
  'UDP packet, 64 B',
  'TCP request + response, 64 B',
  'TCP write, 64 KiB',
  'TCP connection',
];

const EFFORT = {
  short: { passes: 1, rounds: 2, percent: 2 },
  full: { passes: 5, rounds: 42, percent: 100 },
} as const;

/**
 * Measures an allowed packet with every kind of filter: CPU time of one thread that is both ends.
 *
 * The filters are those of a real launch of `alfwrapper`. Every pass launches all variants again, so that the
 * memory layout is part of the spread. Needs root, clang and libbpf's headers, and nft.
 *
 * @param short runs briefly, to check that it works
 */
export async function benchTraffic(short: boolean): Promise<Table[]> {
  const { passes, rounds, percent } = short ? EFFORT.short : EFFORT.full;
  const runner = buildTool('traffic-run', 'bench/traffic/run.c');
  const target = buildTool('hand-over', 'bench/traffic/hand-over.c');
  const made: { remove(): void }[] = [];
  const connect = () => {
    const network = createNetwork();
    made.push(network);
    return network;
  };
  try {
    const variants = makeVariants(made);
    const shared = connect();
    const hosts = variants.map(({ ownHost }) => {
      const host = ownHost === undefined ? shared : connect();
      ownHost?.(host);
      return host;
    });
    const paths = PATHS.map(({ argument }) => argument);
    const socket = `${BENCH_BUILD}/traffic.socket`;
    const samples: Sample[][] = [];
    for (let pass = 0; pass < passes; pass++) {
      samples.push(await measurePass({ variants, hosts, runner, target, socket, paths, rounds, percent }));
    }
    return PATHS.map((path, i) =>
      table(
        path,
        variants,
        samples.flat().filter((sample) => sample.path === i),
        passes,
      ),
    );
  } finally {
    for (const each of made) each.remove();
  }
}

function table(
  { id, title }: (typeof PATHS)[number],
  variants: readonly Variant[],
  samples: readonly Sample[],
  passes: number,
): Table {
  const series = (variant: number, operation: number) =>
    samples
      .filter((sample) => sample.variant === variant && sample.operation === operation)
      .map(({ ns }) => ns);
  return {
    id: `traffic-${id}`,
    title: `CPU time of one operation over ${title}, both ends; the client is allowed`,
    columns: OPERATIONS.map((name) => ({ name, unit: 'ns', digits: 0 })),
    reference: NO_FILTER,
    ratios: 'percent',
    rows: variants.map(({ name, point }, variant) => ({
      name,
      ...(point && { point }),
      cells: OPERATIONS.map((_, operation) => {
        const costs = series(variant, operation);
        return costs.length === 0 ? null : makeCell(costs, series(0, operation), passes);
      }),
    })),
  };
}
