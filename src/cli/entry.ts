import { readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { decodeEnvironment } from '../exec/index.js';
import { loadOps, type Ops } from '../kernel/index.js';
import { describeFailure } from './failure.js';
import { main } from './main.js';

const NUL = 0;

/** The least status of a launch that failed. */
const LAUNCH_FAILED = 125;

/** Reads a /proc file of zero-terminated byte strings. */
function byteStrings(file: string): Uint8Array[] {
  const bytes = readFileSync(file);
  const strings: Uint8Array[] = [];
  for (let start = 0, end = bytes.indexOf(NUL); end >= 0; start = end + 1, end = bytes.indexOf(NUL, start)) {
    strings.push(bytes.subarray(start, end));
  }
  return strings;
}

/**
 * Writes straight to the descriptor: process.stdout and console would make a pipe or terminal non-blocking, for
 * all processes that share it. A closed reader is not an error.
 */
function write(fd: 1 | 2, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
  }
}

// The bundle lies in <root>/dist.
const root = dirname(dirname(process.argv[1] ?? ''));

let loaded: Ops | undefined;

function load(): Ops {
  loaded ??= loadOps(root, process.dlopen);
  return loaded;
}

/** The addons, loaded when the first native call is made: `--help` works without them. */
const lazyOps: Ops = {
  get core() {
    return load().core;
  },
  bpf: () => load().bpf(),
  bcc: () => load().bcc(),
};

/** For rehearsals, which bring environments of their own. */
export { main };

async function start(): Promise<number> {
  const argv = process.argv.slice(2);
  const commandLine = byteStrings('/proc/self/cmdline');
  return main({
    argv,
    rawArgv: commandLine.slice(commandLine.length - argv.length),
    ...decodeEnvironment(byteStrings('/proc/self/environ')),
    pid: process.pid,
    nodeVersion: process.versions.node,
    root,
    ops: lazyOps,
    write,
  });
}

start()
  .catch((error) => {
    const { text, status } = describeFailure(error, false);
    write(2, text);
    return status;
  })
  .then((status) => {
    process.exitCode = status;
    // As only native code can end it, see CoreOps.exit. Without the addon there is no guard either.
    if (status >= LAUNCH_FAILED) loaded?.core.exit(status);
  });
