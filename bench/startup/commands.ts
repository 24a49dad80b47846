import { writeFileSync } from 'node:fs';
import { allowList } from '../support/allow-list.js';
import { BENCH_BUILD, BPF_ONLY, buildTool } from '../support/tools.js';

/** The reference command. */
export const NODE = 'node -e 0';

type Tier = 'ebpf' | 'classic' | 'steer';

/** Ten rules with all fields that rules can match. */
const TEN_RULES = [
  'deny from 198.51.100.0/24,2001:db8:bad::/48',
  'allow in on lo',
  'allow proto tcp from private port 1024-65535',
  'allow from 192.0.2.1-192.0.2.99 to any port 443',
  'deny from any port 0-1023',
  'allow from 203.0.113.7',
  'allow from 100.64.0.0/10 to any port 22',
  'deny from 2001:db8:1::/48',
  'allow from 2001:db8::/32',
  'allow from documentation',
];

/** The prefixes of a set, by tier: as many as fit into a classic program. */
const SET_SIZES: Readonly<Record<Tier, readonly number[]>> = {
  ebpf: [1900, 10_000, 1_000_000],
  classic: [1900],
  steer: [1900],
};

/** The entry of the filters that are compiled at the start: a port to knock at. */
const KNOCKS = ['--set', 'ports,0,15000'];

/** The commands by name, as arguments. */
export function startCommands(): Readonly<Record<string, readonly string[]>> {
  const activate = buildTool('activate', 'bench/startup/activate.c');
  const ten = writeRules('ten', TEN_RULES);
  return {
    [NODE]: ['node', '-e', '0'],
    'env true': ['env', 'true'],
    'a listener, in C': [activate, 'true'],
    'whitelist-private': launch('ebpf', ['whitelist-private']),
    'compiled by libbcc': launch('ebpf', [...KNOCKS, 'examples/knocking-bcc.c']),
    'compiled by clang': launch('ebpf', [...KNOCKS, 'examples/knocking.c']),
    ...Object.fromEntries((Object.keys(SET_SIZES) as Tier[]).flatMap((tier) => ofTier(tier, ten))),
    'ebpf, 10 rules, CAP_BPF alone': ['setpriv', ...BPF_ONLY, ...launch('ebpf', ['--policy', ten])],
  };
}

function ofTier(tier: Tier, ten: string): [name: string, command: readonly string[]][] {
  return [
    [`${tier}, --allow private`, launch(tier, ['--allow', 'private'])],
    [`${tier}, 10 rules`, launch(tier, ['--policy', ten])],
    ...SET_SIZES[tier].map((size): [string, readonly string[]] => [
      `${tier}, ${size.toLocaleString('en')} prefixes`,
      launch(tier, ['--policy', writeSet(size)]),
    ]),
  ];
}

function launch(tier: Tier, judge: readonly string[]): readonly string[] {
  return ['./alfwrapper', '--port', '0', '--tier', tier, ...judge, 'true'];
}

/** Writes a policy that denies a set from a file, as lists are published. @returns its path */
function writeSet(size: number): string {
  writeFileSync(`${BENCH_BUILD}/startup-${size}.txt`, `${allowList(size, []).join('\n')}\n`);
  return writeRules(String(size), [`set denied file startup-${size}.txt`, 'deny from @denied']);
}

function writeRules(name: string, lines: readonly string[]): string {
  const path = `${BENCH_BUILD}/startup-${name}.rules`;
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}
