import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What tests can leave on a machine: one line each. */
export type Survey = ReadonlySet<string>;

/** How long what has been told to end may take for it, and what another run of the tests on this machine has. */
const RETRY_DELAYS_MS = [100, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];

/** Where programs pin what they load. */
const BPF_FILES = '/sys/fs/bpf';

/** Lists processes of ours, network namespaces, BPF programs and maps, and pins, as far as this user can see them. */
export function survey(): Survey {
  return new Set([
    ...processes(),
    ...names('/run/netns').map((name) => `network namespace ${name}`),
    ...names(BPF_FILES).map((name) => `pin ${BPF_FILES}/${name}`),
    ...bpfObjects('prog'),
    ...bpfObjects('map'),
  ]);
}

/**
 * Waits until nothing is left that was not there before. What appears while it waits is of somebody else: the tests are over.
 *
 * @throws with a line for each thing that is
 */
export async function expectNothingLeft(before: Survey): Promise<void> {
  let left = [...survey()].filter((line) => !before.has(line));
  for (const delayMs of RETRY_DELAYS_MS) {
    if (left.length === 0) return;
    await sleep(delayMs);
    const now = survey();
    left = left.filter((line) => now.has(line));
  }
  if (left.length === 0) return;
  throw new Error(`the tests have left behind:\n  ${left.join('\n  ')}`);
}

/** Programs that stay beside a daemon, and all that was started from where the build is installed for the tests. */
const OURS = /^alf-\S+( |$)|\/alfwrapper-test-\w+\//;

function processes(): string[] {
  return names('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    // A zombie has no command; whoever started it reaps it.
    return OURS.test(command) ? [`process ${pid}: ${command}`] : [];
  });
}

/** Programs and maps by id: whoever holds them, or where they are attached. */
function bpfObjects(kind: 'prog' | 'map'): string[] {
  try {
    const listed = execFileSync('bpftool', ['--json', kind, 'show'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const objects = JSON.parse(listed) as { id: number; type: string; name?: string }[];
    return objects.filter(isOfTests).map(({ id, type, name = '' }) => `BPF ${kind} ${id} ${type} ${name}`);
  } catch {
    // Without bpftool, or not for this user.
    return [];
  }
}

/** Socket filters and the maps they use; a service manager loads programs of other types at any time. */
function isOfTests({ type, name = '' }: { type: string; name?: string }): boolean {
  return (
    type === 'socket_filter' ||
    /^(heads|pages|counters|alf_page|allow[46]|interfaces|ports|progress|opened)$/.test(name)
  );
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
