import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Network } from '../../test/support/hosts.js';
import { benchEnvironment } from '../support/tools.js';
import type { Variant } from './variants.js';

/** The variants of a pass. */
export interface Pass {
  readonly variants: readonly Variant[];
  /** The host of each variant. */
  readonly hosts: readonly Network[];
  readonly runner: string;
  readonly target: string;
  /** The UNIX socket over which targets pass their sockets to the runner. */
  readonly socket: string;
  readonly paths: readonly string[];
  readonly rounds: number;
  readonly percent: number;
}

/** One operation's cost in one round. */
export interface Sample {
  readonly path: number;
  readonly operation: number;
  readonly variant: number;
  readonly ns: number;
}

type Child = ChildProcessByStdio<null, Readable, null>;

/** Below this share of wall time, the clock of a busy thread has missed work done in interrupts. */
const FULL_SHARE = 0.8;

/** Launches every variant, measures all of them in turn, and ends them. */
export async function measurePass(pass: Pass): Promise<Sample[]> {
  const { variants, runner, socket, rounds, percent, paths } = pass;
  const children: Child[] = [];
  const start = (command: readonly string[]) => {
    const [file = '', ...args] = command;
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], env: benchEnvironment() });
    children.push(child);
    return child;
  };
  try {
    const measuring = start([runner, socket, ...[variants.length, rounds, percent].map(String), ...paths]);
    await firstOutput(measuring, 'the runner');
    for (const [i, variant] of variants.entries()) {
      const launched = start(targetCommand(pass, variant, i));
      await firstOutput(launched, variant.name);
    }
    const [lines, status] = await Promise.all([text(measuring.stdout), ended(measuring)]);
    if (status !== 0) throw new Error(`the runner ended with status ${status}`);
    return readSamples(lines);
  } finally {
    // They end with the runner; only after a failure they must be killed.
    for (const child of children) if (child.exitCode === null) child.kill();
    await Promise.all(children.map(ended));
  }
}

function targetCommand({ hosts, target, socket }: Pass, { wrap }: Variant, i: number): string[] {
  const host = hosts[i];
  if (host === undefined) throw new Error(`no host for variant ${i}`);
  const [server, client] = [host.server.at(-1), host.client.at(-1)];
  return wrap([target, socket, `${i} ${server} ${client}`], host);
}

async function ended(child: Child): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

/** Waits for a program's first line and reads it; the program must not end before. */
async function firstOutput({ stdout }: Child, name: string): Promise<void> {
  // At its end it is readable too, without data.
  await once(stdout, 'readable');
  if (stdout.read() === null) throw new Error(`${name} has not come to hand over its sockets`);
}

function readSamples(lines: string): Sample[] {
  const rows = lines
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  const shares = rows.map(([, , , cpu = 0, wall = 1]) => cpu / wall).sort((a, b) => a - b);
  const byCpu = (shares.at(-1 - Math.floor(shares.length / 10)) ?? 1) > FULL_SHARE;
  return rows.map(([path = 0, operation = 0, variant = 0, cpu = 0, wall = 0]) => ({
    path,
    operation,
    variant,
    ns: byCpu ? cpu : wall,
  }));
}
