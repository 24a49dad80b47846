import { readFileSync } from 'node:fs';
import { parseEntry } from '../abi/index.js';
import { AlfError, quote } from '../errors/index.js';
import { parseAddress, parsePort } from '../net/index.js';
import type { Config, EntryFile, ListenerConfig } from '../plan/index.js';
import { cutCommandLine } from './cut.js';
import { optionParser } from './yargs.js';

/** Switches that say how to talk, not what to do. */
export interface OutputOptions {
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** What a command line turned out to ask for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'launch';
      readonly config: Config;
      /** The filter as it was written. */
      readonly filter: string;
      /** Index of the program in argv. */
      readonly program: number;
      readonly dryRun: boolean;
      readonly output: OutputOptions;
    };

/** What yargs makes of the option table; a switch or list that was not given is absent. */
interface Parsed {
  readonly address: string;
  readonly port: string;
  readonly type: string;
  readonly set?: readonly string[];
  readonly 'set-file'?: readonly string[];
  readonly tier: string;
  readonly lock: boolean;
  readonly 'dry-run'?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly version?: boolean;
  readonly help?: boolean;
}

/**
 * Reads a command line, every word of it checked.
 *
 * @throws AlfError ALF_USAGE, ALF_ADDRESS or ALF_ENTRY
 */
export function parseCommandLine(argv: readonly string[]): Command {
  const { own, rest } = cutCommandLine(argv);
  const parsed = optionParser().parseSync([...own]) as unknown as Parsed;
  if (parsed.help) return { kind: 'help' };
  if (parsed.version) return { kind: 'version' };

  const { 'dry-run': dryRun = false, json = false, verbose = false, quiet = false } = parsed;
  if (json && !dryRun) throw new AlfError('ALF_USAGE', 'option --json goes with --dry-run');
  const filter = argv[rest];
  if (filter === undefined) throw missing('no filter and no program given');
  if (argv[rest + 1] === undefined) throw missing(`no program given behind the filter ${quote(filter)}`);
  return {
    kind: 'launch',
    filter,
    program: rest + 1,
    dryRun,
    output: { verbose, quiet, json },
    config: {
      listeners: [parseListener(parsed)],
      entryFiles: (parsed['set-file'] ?? []).map(readEntryFile),
      entries: (parsed.set ?? []).map(parseEntry),
      tier: oneOf('tier', parsed.tier, ['auto', 'ebpf']),
      lock: parsed.lock,
      target: argv.slice(rest + 1),
    },
  };
}

function parseListener(parsed: Parsed): ListenerConfig {
  const type = oneOf('type', parsed.type, ['SOCK_STREAM', 'SOCK_DGRAM']);
  return {
    type: type === 'SOCK_STREAM' ? 'stream' : 'datagram',
    address: parseAddress(parsed.address),
    port: parsePort(parsed.port),
  };
}

function oneOf<T extends string>(option: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw new AlfError('ALF_USAGE', `option --${option} does not take ${quote(value)}`, {
    hint: `expected one of: ${choices.join(', ')}`,
  });
}

/** Reads `MAP,FILE`: comments (#) and blank lines go, lines keep their numbers. */
function readEntryFile(text: string): EntryFile {
  const comma = text.indexOf(',');
  const [map, file] = [text.slice(0, Math.max(comma, 0)), text.slice(comma + 1)];
  if (map === '' || file === '') {
    throw new AlfError('ALF_ENTRY', `${quote(text)} does not name a map and a file`, {
      hint: 'expected MAP,FILE',
    });
  }
  const lines = readText(file)
    .split('\n')
    .map((line, index) => ({ line: index + 1, text: line.replace(/#.*$/, '').trim() }))
    .filter((line) => line.text !== '');
  return { map, file, lines };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new AlfError(
      'ALF_ENTRY',
      `unable to read ${quote(file)}`,
      code === undefined ? {} : { errno: code },
    );
  }
}

function missing(what: string): AlfError {
  return new AlfError('ALF_USAGE', what, {
    hint: 'expected: alfwrapper [options] <filter> <program> [arguments…]',
  });
}
