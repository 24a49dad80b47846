import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The controller's own hierarchy, cgroup version 1. */
const V1 = '/sys/fs/cgroup/memory';
const V2 = '/sys/fs/cgroup';

/** Whether a group can be made whose memory is limited. */
export function canLimitMemory(): boolean {
  const path = join(existsSync(V1) ? V1 : V2, `alf-probe-${process.pid}`);
  try {
    mkdirSync(path);
    const answer = existsSync(join(path, existsSync(V1) ? 'memory.limit_in_bytes' : 'memory.max'));
    rmdirSync(path);
    return answer;
  } catch {
    return false;
  }
}

/** A group of processes whose memory is limited. */
export interface MemoryGroup {
  /** Prefix of a command that is to run in it. */
  readonly enter: readonly string[];
  /** How many processes of it the out-of-memory killer has ended. */
  kills(): number;
}

/** Makes a group; it is removed after the test, when its processes have ended. */
export function limitMemory(name: string, sizeBytes: number): MemoryGroup {
  const isV1 = existsSync(V1);
  const path = join(isV1 ? V1 : V2, `alf-${name}-${process.pid}`);
  mkdirSync(path);
  onTestFinished(async () => {
    for (let round = 0; round < 50; round++) {
      try {
        rmdirSync(path);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    throw new Error(`${path} is not empty: ${readFileSync(join(path, 'cgroup.procs'), 'latin1')}`);
  });
  writeFileSync(join(path, isV1 ? 'memory.limit_in_bytes' : 'memory.max'), String(sizeBytes));
  const events = join(path, isV1 ? 'memory.oom_control' : 'memory.events');
  return {
    enter: ['sh', '-c', `echo $$ >${path}/cgroup.procs; exec "$@"`, 'sh'],
    kills: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(events, 'latin1'))?.[1] ?? 0),
  };
}
