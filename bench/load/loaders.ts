import { writeFileSync } from 'node:fs';
import { allowList } from '../support/allow-list.js';
import { BENCH_BUILD, buildTool } from '../support/tools.js';

/** A way to load and enforce a list of prefixes. */
export interface Loader {
  readonly name: string;
  /** The command that loads the list and ends, which frees it. */
  readonly once: readonly string[];
  /** The command that loads the list, prints `loaded`, and keeps it until the end of its standard input. */
  readonly hold: readonly string[];
}

/** The reference. */
export const OURS = 'alfwrapper, tier ebpf';

const CLIENTS = ['127.0.0.1'];
const HOLD = 'echo loaded; read _ || :';

/** Every way for a list of `size` IPv4 prefixes; each starts from a file of text in its own language. */
export function makeLoaders(size: number): Loader[] {
  const prefixes = allowList(size, CLIENTS);
  const path = `${BENCH_BUILD}/load-${size}`;
  const text = (suffix: string, content: string) => {
    writeFileSync(`${path}.${suffix}`, content);
    return `${path}.${suffix}`;
  };
  const list = text('list', `${prefixes.join('\n')}\n`);
  const rules = text('rules', `set clients file load-${size}.list\nallow from @clients\n`);
  const table = text(
    'nft',
    `table inet bench {
      set clients { type ipv4_addr; flags interval; auto-merge; elements = { ${prefixes.join(', ')} } }
      chain input { type filter hook input priority 0; policy drop; ip saddr @clients accept; }
    }\n`,
  );
  const restore = text(
    'ipset',
    `create clients hash:net maxelem ${size}\n${prefixes.map((prefix) => `add clients ${prefix}\n`).join('')}`,
  );
  const trie = buildTool('trie', 'bench/load/trie.c', '-lbpf');
  return [
    {
      name: OURS,
      once: launch(rules, 'true'),
      hold: launch(rules, 'sh', '-c', HOLD),
    },
    inNamespace('nftables, interval set', 'nft', '-f', table),
    inNamespace('ipset, hash:net', 'ipset', '-exist', 'restore', '-file', restore),
    { name: "the kernel's trie, in C", once: [trie, list], hold: [trie, list, 'hold'] },
  ];
}

function launch(rules: string, ...target: string[]): string[] {
  return ['./alfwrapper', '--quiet', '--tier', 'ebpf', '--port', '0', '--policy', rules, '--', ...target];
}

/** Its sets are freed with their network namespace. */
function inNamespace(name: string, ...command: string[]): Loader {
  return {
    name,
    once: ['unshare', '--net', ...command],
    hold: ['unshare', '--net', 'sh', '-c', `"$@" && { ${HOLD}; }`, 'sh', ...command],
  };
}
