import type { LaunchRequest } from '../app/index.js';
import { parseEntry } from '../bpf/values/index.js';
import { AlfError, quote } from '../errors/index.js';
import { readLines } from '../files/index.js';
import type { OpenOptions } from '../filter/index.js';
import { type ListenSpec, parseAddress, parseListenSpec, parsePort } from '../net/index.js';
import type { EntryFile } from '../plan/index.js';
import { type LaunchOptions, Options } from './given-options.js';
import { oneOf, parseFdname, parseMode, parseVariable } from './option-values.js';
import {
  ENGINE_CHOICES,
  LAUNCH_OPTIONS,
  OPENING_OPTIONS,
  RULE_OPTIONS,
  TIER_CHOICES,
  TYPE_CHOICES,
} from './options.js';
import { parseIdentity } from './parse-identity.js';
import { parseInterception } from './parse-interception.js';
import { type ParsedArgs, type ParsedOption, parseOptions } from './parse-options.js';
import { parseSocketHandoff } from './parse-socket-handoff.js';
import { readRules } from './read-rules.js';
import { readSocketOptions } from './socket-options.js';

/** What a launch was asked for. */
export type LaunchCommand = Extract<Command, { kind: 'launch' }>;

/** Switches that say how to talk, not what to do. */
export interface OutputOptions {
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** What is to be launched, and where the program stands. */
export interface LaunchWords extends LaunchRequest {
  /** Index of the program in argv. */
  readonly program: number;
}

/** What a command line turned out to ask for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | (LaunchWords & {
      readonly kind: 'launch';
      readonly dryRun: boolean;
      readonly output: OutputOptions;
    });

/**
 * Reads a command line, every word of it checked.
 *
 * An option that counts once may be given again; the last one counts.
 *
 * @throws AlfError ALF_USAGE, ALF_ADDRESS or ALF_ENTRY
 */
export function parseCommandLine(argv: readonly string[]): Command {
  const cut = parseOptions(argv, LAUNCH_OPTIONS);
  const options = new Options(LAUNCH_OPTIONS, cut.given);
  if (options.on('help')) return { kind: 'help' };
  if (options.on('version')) return { kind: 'version' };

  const output = { verbose: options.on('verbose'), quiet: options.on('quiet'), json: options.on('json') };
  const dryRun = options.on('dry-run');
  if (output.json && !dryRun) throw new AlfError('ALF_USAGE', 'option --json needs --dry-run');
  return { kind: 'launch', ...readLaunch(argv, cut, 'needed'), dryRun, output };
}

/**
 * Reads what is to be launched from a command line that has been divided.
 *
 * @param need whether there must be one; without one the target is empty
 * @throws AlfError ALF_USAGE, ALF_ADDRESS or ALF_ENTRY
 */
export function readLaunch(
  argv: readonly string[],
  { given, rest }: ParsedArgs,
  need: 'needed' | 'optional',
): LaunchWords {
  const options = new Options(LAUNCH_OPTIONS, given);
  const { filter, program } = findProgram(argv, given, rest);
  if (need === 'needed' && argv[program] === undefined) {
    throw missing(
      filter === undefined
        ? 'no program given after the rules'
        : `no program given after the filter ${quote(filter)}`,
    );
  }
  const passing = parseSocketHandoff(options);
  const isListening = given.some(({ option }) => LISTENING.includes(option.name));
  const interception = parseInterception(options, filter === undefined && !isListening);
  const listeners = isListening || interception === undefined ? parseListeners(options) : [];
  return {
    filter,
    opening: readOpening(given),
    rules: readRules(given),
    program,
    config: {
      listeners: interception === undefined ? listeners : [],
      ...(interception === undefined ? {} : { interception: { ...interception, declared: listeners } }),
      implied: !isListening,
      fdnames: options.list('fdname').map(parseFdname),
      socketOptions: readSocketOptions(options),
      socketMode: parseMode(options.text('socket-mode')),
      environment: options.list('setenv').flatMap(parseVariable),
      entryFiles: options.list('set-file').map(readEntryFile),
      entries: options.list('set').map(parseEntry),
      tier: oneOf('tier', options.text('tier'), TIER_CHOICES),
      lock: options.on('lock'),
      identity: parseIdentity(options),
      ...(passing === undefined ? {} : { passing }),
      target: argv.slice(program),
    },
  };
}

/** With rules the first word behind the options is the program; otherwise it is the filter. */
function findProgram(
  argv: readonly string[],
  given: readonly ParsedOption[],
  rest: number,
): { readonly filter: string | undefined; readonly program: number } {
  const rule = given.find(({ option }) => RULE_NAMES.includes(option.name));
  if (rule !== undefined) {
    const other = given.find(({ option }) => FILTER_ONLY.includes(option.name));
    if (other !== undefined) {
      throw new AlfError(
        'ALF_USAGE',
        `options --${rule.option.name} and --${other.option.name} exclude each other`,
        {
          hint: `--${other.option.name} is for filters; rules replace the filter`,
        },
      );
    }
    return { filter: undefined, program: rest };
  }
  const filter = argv[rest];
  if (filter === undefined) throw missing('no filter, no rules and no program given');
  const program = argv[rest + 1] === '--' ? rest + 2 : rest + 1;
  // It cannot be a misplaced option once a `--` has said that none follow.
  if (program === rest + 1 && argv[program]?.startsWith('-')) throw misplaced(argv[program], filter);
  return { filter, program };
}

/** Options that say something about a filter. */
const FILTER_ONLY: readonly string[] = ['set', 'set-file', 'engine', 'entry'];

const RULE_NAMES: readonly string[] = RULE_OPTIONS.map(({ name }) => name);

/** `--listen` as often as wanted, or one listener by `--address`, `--port` and `--type`. */
function parseListeners(options: LaunchOptions): ListenSpec[] {
  const specs = options.list('listen');
  const single = options.given.find(({ option }) => SINGLE.includes(option.name));
  if (specs.length === 0) return [parseListener(options)];
  if (single !== undefined) {
    throw new AlfError('ALF_USAGE', `options --listen and --${single.option.name} exclude each other`, {
      hint: 'write it as --listen ADDRESS:PORT or --listen udp:ADDRESS:PORT',
    });
  }
  return specs.map(parseListenSpec);
}

const SINGLE: readonly string[] = ['address', 'port', 'type'];
const LISTENING: readonly string[] = ['listen', ...SINGLE];

function parseListener(options: LaunchOptions): ListenSpec {
  const type = oneOf('type', options.text('type'), TYPE_CHOICES);
  return {
    type: type === 'SOCK_STREAM' ? 'stream' : 'datagram',
    address: parseAddress(options.text('address')),
    port: parsePort(options.text('port')),
    ...(options.list('address').length === 0 ? { anyAddress: true } : {}),
  };
}

/** How the filter is to be opened. @throws AlfError ALF_USAGE for an engine there is not */
export function readOpening(given: readonly ParsedOption[]): OpenOptions {
  const options = new Options(OPENING_OPTIONS, given);
  return {
    engine: oneOf('engine', options.text('engine'), ENGINE_CHOICES),
    entry: options.maybe('entry'),
  };
}

/** Reads `MAP,FILE`. */
function readEntryFile(text: string): EntryFile {
  const comma = text.indexOf(',');
  const [map, file] = [text.slice(0, Math.max(comma, 0)), text.slice(comma + 1)];
  if (map === '' || file === '') {
    throw new AlfError('ALF_ENTRY', `${quote(text)} does not name a map and a file`, {
      hint: 'expected MAP,FILE',
    });
  }
  return { map, file, ...readLines(file, /#.*/s, { code: 'ALF_ENTRY' }) };
}

function misplaced(word: string, filter: string): AlfError {
  const what = `option ${quote(word)} comes after the filter ${quote(filter)}, where the program is expected`;
  return new AlfError('ALF_USAGE', what, { hint: 'write options before the filter' });
}

function missing(what: string): AlfError {
  return new AlfError('ALF_USAGE', what, {
    hint: 'expected: alfwrapper [options] <filter> <program> [arguments…]',
  });
}
