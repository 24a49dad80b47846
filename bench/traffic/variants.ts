import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { ADDRESS, type Network } from '../../test/support/hosts.js';
import { allowList } from '../support/allow-list.js';
import { makeControlGroup } from '../support/control-group.js';
import { BENCH_BUILD, BPF_ONLY, buildObject, buildTool } from '../support/tools.js';

/** A variant: sockets of a server with or without a filter. */
export interface Variant {
  readonly name: string;
  /** Its place in a plot: the series, and the number of rules. */
  readonly point?: { readonly series: string; readonly size: number };
  /** It has no UDP socket. */
  readonly streamOnly?: true;
  /** Sets up a filter for the whole host, which it cannot share. */
  readonly ownHost?: (host: Network) => void;
  /** The command that becomes `target` with the sockets, without entering the host. */
  readonly wrap: (target: readonly string[], host: Network) => string[];
}

/** The reference. */
export const NO_FILTER = 'no filter';

/** The prefixes that fit on a tier without maps, and on tiers with maps. */
const SIZES = { classic: [10, 1000, 1900], maps: [10, 1000, 10_000, 100_000] } as const;

/** The size of the targets, on tier `ebpf`. */
const MAX_COMMON = 10_000;

const WRAPPER = './alfwrapper';

/** IPv4 rules besides its 15 for IPv6. More exceed net.core.optmem_max and the range of jumps. */
const ALFWRAPPER_2017_RULES = [15, 100, 300] as const;
const ALFWRAPPER_2017_RULES6 = 15;

/** The client addresses of the paths, which must be served. */
const CLIENTS = ['127.0.0.1', ADDRESS.client.private4];

/**
 * Every variant.
 *
 * @param made collects shared resources, which the caller must remove, also on failure
 */
export function makeVariants(made: { remove(): void }[]): readonly Variant[] {
  const cgroup = (size: number) => {
    const group = makeControlGroup(`alf-bench-${size}`);
    made.push(group);
    limitGroup(group.path, size);
    return controlGroup(size, group.path);
  };
  return [
    unfiltered(NO_FILTER),
    { ...unfiltered('no filter, once more'), ownHost: () => {} },
    fixed('eBPF, keeps everything', buildObject('floor', 'bench/traffic/floor.bpf.c')),
    fixed('eBPF, reads in place', buildObject('read-in-place', 'bench/traffic/read.bpf.c', '-DIN_PLACE')),
    fixed('eBPF, copies by a helper', buildObject('read', 'bench/traffic/read.bpf.c')),
    filtered('classic, keeps everything', ['--tier', 'classic', '--rule', 'allow from any', '--'], []),
    ...SIZES.maps.map((size) => ruled('ebpf', size)),
    withBpfAlone(ruled('ebpf', MAX_COMMON)),
    ...SIZES.classic.map((size) => ruled('classic', size)),
    ...SIZES.classic.map((size) => ruled('steer', size)),
    ...ALFWRAPPER_2017_RULES.map(alfwrapper2017),
    ...SIZES.maps.map(nftables),
    ...SIZES.maps.map(cgroup),
  ];
}

function unfiltered(name: string): Variant {
  return { name, wrap: (target, host) => [...host.server, ...target] };
}

function filtered(
  name: string,
  options: readonly string[],
  filter: readonly string[],
  listen: readonly string[] = ['--listen', '0', '--listen', 'udp:0'],
): Variant {
  const command = [WRAPPER, '--quiet', ...listen, ...options, ...filter];
  return { name, wrap: (target, host) => [...host.server, ...command, ...target] };
}

/** A program without a policy. */
function fixed(name: string, object: string): Variant {
  return filtered(name, ['--tier', 'ebpf'], [object]);
}

function ruled(tier: 'ebpf' | 'classic' | 'steer', size: number): Variant {
  const rules = `${BENCH_BUILD}/allow-${size}.rules`;
  writeFileSync(rules, `set clients file allow-${size}.list\nallow from @clients\n`);
  listFile(size);
  const variant = { name: label(tier, size), point: { series: tier, size } };
  const options = ['--tier', tier, '--policy', rules, '--'];
  if (tier !== 'steer') return { ...filtered(tier, options, []), ...variant };
  return { ...filtered(tier, options, [], ['--listen', '0']), ...variant, streamOnly: true };
}

/** A launch with CAP_BPF alone: packets are copied, and the verifier adds Spectre mitigations. */
function withBpfAlone({ name, wrap }: Variant): Variant {
  return {
    name: `${name}, CAP_BPF alone`,
    wrap: (target, host) => {
      const command = wrap(target, host);
      const at = command.indexOf(WRAPPER);
      return [...command.slice(0, at), 'setpriv', ...BPF_ONLY, ...command.slice(at)];
    },
  };
}

/** The last rule allows the client. */
function alfwrapper2017(size: number): Variant {
  const name = `alfwrapper-2017-${size}`;
  const object = buildObject(name, 'bench/traffic/alfwrapper-2017.bpf.c', `-DRULES=${size}`);
  const others = allowList(size - 1, []).map((prefix, i) => `${i},${prefix}\n`);
  const files = {
    allow4: [...others, `${size - 1},0.0.0.0/1\n`],
    allow6: Array.from(
      { length: ALFWRAPPER_2017_RULES6 },
      (_, i) => `${i},2001:db8:${i.toString(16)}::/48\n`,
    ),
  };
  const options = Object.entries(files).flatMap(([map, lines]) => {
    const path = `${BENCH_BUILD}/${name}.${map}`;
    writeFileSync(path, lines.join(''));
    return ['--set-file', `${map},${path}`];
  });
  const point = { series: 'alfwrapper 2017', size };
  return {
    ...filtered(name, ['--tier', 'ebpf', ...options], [object]),
    name: `alfwrapper 2017, ${size}+${ALFWRAPPER_2017_RULES6}`,
    point,
  };
}

function nftables(size: number): Variant {
  const elements = allowList(size, CLIENTS).join(', ');
  const table = `table inet bench {
    set clients { type ipv4_addr; flags interval; auto-merge; elements = { ${elements} } }
    chain input { type filter hook input priority 0; policy drop; ip saddr @clients accept; }
  }`;
  return {
    ...unfiltered(label('nftables set', size)),
    point: { series: 'nftables set', size },
    ownHost: (host) => {
      const [command = '', ...args] = [...host.server, 'nft', '-f', '-'];
      execFileSync(command, args, { input: table });
    },
  };
}

function limitGroup(path: string, size: number): void {
  const object = buildObject('cgroup', 'bench/traffic/cgroup.bpf.c');
  const attach = buildTool('cgroup-filter', 'bench/traffic/cgroup-filter.c', '-lbpf');
  execFileSync(attach, [object, path, listFile(size)]);
}

function controlGroup(size: number, path: string): Variant {
  const enter = ['sh', '-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"', path];
  return {
    name: label('IPAddressAllow= (cgroup)', size),
    point: { series: 'IPAddressAllow= (cgroup)', size },
    wrap: (target, host) => [...enter, ...host.server, ...target],
  };
}

function listFile(size: number): string {
  const path = `${BENCH_BUILD}/allow-${size}.list`;
  writeFileSync(path, `${allowList(size, CLIENTS).join('\n')}\n`);
  return path;
}

function label(name: string, size: number): string {
  return `${name}, ${size.toLocaleString('en')}`;
}
