import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { installDropIn, makeDropIn, removeDropIn, type ServiceDropIn } from '../../app/index.js';
import { AlfError } from '../../errors/index.js';
import { createLogger, engineContext } from '../env.js';
import { Options } from '../given-options.js';
import { wordRemedy } from '../hints.js';
import { RULE_OPTIONS } from '../options.js';
import { readLaunch } from '../parse.js';
import { type ParsedOption, parseArgs } from '../parse-options.js';
import { UNIT_ONLY_OPTIONS, UNIT_OPTIONS } from '../unit-options.js';
import type { Command } from './command.js';

const EXPECTED = 'expected: alfwrapper unit NAME.service [options] [rules | filter]';
const OWN_NAMES: readonly string[] = UNIT_ONLY_OPTIONS.map(({ name }) => name);
const RULE_NAMES: readonly string[] = RULE_OPTIONS.map(({ name }) => name);

/**
 * `alfwrapper unit NAME.service [options] [rules | filter]`: prints, installs or removes the drop-in that starts a service of
 * systemd through alfwrapper. Starts nothing.
 */
export const unit: Command = {
  name: 'unit',
  usage: 'NAME.service [options] [rules | filter]',
  describe:
    'print a systemd drop-in that starts a service through alfwrapper, with its command line as it is',
  options: UNIT_OPTIONS,
  run: async (argv, env) => {
    const { given, words } = parseArgs(argv, UNIT_OPTIONS);
    const options = new Options(UNIT_ONLY_OPTIONS, given.filter(isOwn));
    const [name, filter, ...more] = words;
    if (name === undefined) throw usage('no unit given');
    const context = engineContext(env, createLogger(env, { verbose: false, quiet: false }));
    const json = options.on('json');
    if (options.on('remove')) {
      if (given.some((option) => !isOwn(option)) || filter !== undefined || options.on('install'))
        throw usage('option --remove takes the name of a unit and no other options');
      const removed = removeDropIn(name, context);
      const commands = commandsFor(removed.unit);
      env.write(
        1,
        json ? asJson({ ...removed, removed: true, commands }) : done('removed', removed.path, commands),
      );
      return 0;
    }
    const hasRules = given.some(({ option }) => RULE_NAMES.includes(option.name));
    const extra = hasRules ? filter : more[0];
    if (extra !== undefined)
      throw usage(`unit does not take the word ${extra}: its ExecStart= has the program`);
    if (!hasRules && filter === undefined) throw usage('no rules and no filter given');
    const dropIn = await makeDropIn(
      { unit: name, pidFile: options.maybe('pid-file'), ...readWords(given, filter) },
      context,
    );
    for (const line of warningLines(dropIn)) context.warn(line);
    if (options.on('install')) installDropIn(dropIn);
    env.write(1, render(dropIn, { json, installed: options.on('install') }));
    return 0;
  },
};

/** The options of the launch: checked, and as words that mean the same in another directory. */
function readWords(given: readonly ParsedOption[], filter: string | undefined) {
  const passed = given.filter((option) => !isOwn(option)).map(withAbsolutePath);
  const first = filter === undefined ? [] : [existsSync(filter) ? resolve(filter) : filter];
  const { config, rules } = readLaunch([...first, 'program'], { given: passed, rest: 0 }, 'needed');
  return { words: [...passed.flatMap(asWords), ...first], rules, tier: config.tier };
}

function withAbsolutePath({ option, value }: ParsedOption): ParsedOption {
  if (option.name === 'policy') {
    if (value === '-') throw usage('a unit has no rules on standard input: --policy takes a file here');
    return { option, value: resolve(String(value)) };
  }
  if (option.name !== 'set-file') return { option, value };
  const [map = '', ...file] = String(value).split(',');
  return { option, value: `${map},${resolve(file.join(','))}` };
}

function asWords({ option, value }: ParsedOption): string[] {
  if (option.value !== undefined) return [`--${option.name}`, String(value)];
  return [value === true ? `--${option.name}` : `--no-${option.name}`];
}

function isOwn({ option }: ParsedOption): boolean {
  return OWN_NAMES.includes(option.name);
}

function warningLines({ unit, warnings }: ServiceDropIn): string[] {
  return warnings.map(({ text, remedy }) => {
    const advice = remedy === undefined ? '' : `; ${wordRemedy(remedy)}`;
    return `${unit}: ${text}${advice}`;
  });
}

function render(dropIn: ServiceDropIn, { json, installed }: { json: boolean; installed: boolean }): string {
  const commands = commandsFor(dropIn.unit);
  if (json) {
    const { unit, files, path, text } = dropIn;
    return asJson({ unit, files, path, text, installed, warnings: warningLines(dropIn), commands });
  }
  return installed ? done('wrote', dropIn.path, commands) : dropIn.text;
}

function done(verb: string, path: string, commands: readonly string[]): string {
  return `${verb} ${path}\nto apply it, run:\n${commands.map((command) => `  ${command}\n`).join('')}`;
}

/** They are not run: a restart interrupts the service. */
function commandsFor(name: string): string[] {
  const started = name.endsWith('@.service') ? `'${name.replace('@.', '@*.')}'` : name;
  return ['systemctl daemon-reload', `systemctl restart ${started}`];
}

function asJson(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function usage(message: string): AlfError {
  return new AlfError('ALF_USAGE', message, { hint: EXPECTED });
}
