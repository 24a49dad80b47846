import { readFileSync } from 'node:fs';
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
