import { readdirSync, readFileSync } from 'node:fs';
import { expect, vi } from 'vitest';

/** Whether a process has ended. Init may not have looked at it yet, which is not the process's business. */
export function hasEnded(pid: number): boolean {
  try {
    return /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return true;
  }
}

/** Waits for the end of processes that were told to end. @throws naming those that go on */
export async function untilEnded(pids: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(pids.filter((pid) => !hasEnded(pid))).toEqual([]), { timeout: 5000 });
}

/** Kills a process and all that descend from it, with SIGKILL: a tracer that is killed alone lets what it traces go on. */
export function killTree(pid: number): void {
  for (const each of [pid, ...descendantsOf(pid)]) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

function descendantsOf(pid: number): number[] {
  const children = readChildren(pid);
  return [...children, ...children.flatMap(descendantsOf)];
}

function readChildren(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1'));
    return lists.flatMap((list) =>
      list
        .split(' ')
        .filter((word) => word !== '')
        .map(Number),
    );
  } catch {
    return [];
  }
}
