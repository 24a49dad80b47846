import { onOneLine } from '../errors/index.js';
import { lookupVariable } from '../exec/index.js';
import type { EngineContext } from '../filter/index.js';
import type { Ops } from '../kernel/index.js';

/**
 * Everything the command line touches of the world around it, as one value: a test calls `main` with its own.
 */
export interface CliEnv {
  /** Arguments behind the command's own name, as text. */
  readonly argv: readonly string[];
  /** The same arguments in bytes: what the target gets. */
  readonly rawArgv: readonly Uint8Array[];
  /** The caller's environment in bytes, `NAME=value` each. */
  readonly environment: readonly Uint8Array[];
  /** The process state as the entry recorded it, undefined if the entry was left out. */
  readonly record: string | undefined;
  readonly pid: number;
  /** Version of the Node.js we run on: `20.20.2`. */
  readonly nodeVersion: string;
  /** The package's directory, absolute. */
  readonly root: string;
  readonly ops: Ops;
  /** Writes to fd 1 or 2, synchronously and without making it non-blocking. */
  readonly write: (fd: 1 | 2, text: string) => void;
}

/** A variable of the environment as text; undefined if it is not set. */
export function textVariable({ environment }: CliEnv, name: string): string | undefined {
  const bytes = lookupVariable(environment, name);
  return bytes && Buffer.from(bytes).toString();
}

/** Receives reports of steps (`-v`) and warnings (without `-q`). */
export function createLogger(
  env: CliEnv,
  { verbose, quiet }: { readonly verbose: boolean; readonly quiet: boolean },
): Pick<EngineContext, 'report' | 'warn'> {
  return {
    report: verbose ? (line) => env.write(2, `alfwrapper: ${onOneLine(line)}\n`) : undefined,
    warn: (line) => void (quiet || env.write(2, `alfwrapper: warning: ${onOneLine(line)}\n`)),
  };
}

/** The part of it for the engines of filters, with the logger. */
export function engineContext(env: CliEnv, say: Pick<EngineContext, 'report' | 'warn'>): EngineContext {
  const { ops, root, pid } = env;
  return { ops, root, pid, variable: (name) => textVariable(env, name), ...say };
}
