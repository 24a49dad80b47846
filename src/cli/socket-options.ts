import { AlfError, quote } from '../errors/index.js';
import type { SocketOptionName, SocketOptions } from '../plan/index.js';
import type { Options } from './given-options.js';
import type { OptionTable } from './option-spec.js';
import { SOCKET_OPTIONS } from './socket-option-table.js';

type Read = (text: string) => number | string | undefined;

/** How the value of an option is read; undefined is one it does not take. Options without one are switches. */
const VALUES: Readonly<
  Record<Exclude<SocketOptionName, SwitchName>, readonly [read: Read, expected: string]>
> = {
  backlog: whole(0, 0x7fffffff),
  'ipv6-only': named({ default: 'default', both: 0, yes: 1 }),
  'bind-to-device': [(text) => (/^[^\s/]{1,15}$/.test(text) ? text : undefined), 'the name of an interface'],
  mark: whole(0, 0xffffffff),
  'keep-alive-time': seconds(32767),
  'keep-alive-interval': seconds(32767),
  'keep-alive-probes': whole(1, 127),
  'defer-accept': seconds(32767),
  'tcp-congestion': [(text) => (/^[\w-]{1,15}$/.test(text) ? text : undefined), 'cubic, reno, bbr, …'],
  timestamping: named({ off: 'off', us: 'us', ns: 'ns' }),
  // The names are those of RFC 1349, the numbers those of <netinet/ip.h>.
  'ip-tos': [
    (text) =>
      ({ 'low-delay': 16, throughput: 8, reliability: 4, 'low-cost': 2 })[text] ?? whole(0, 255)[0](text),
    'a number from 0 to 255, low-delay, throughput, reliability or low-cost',
  ],
  'ip-ttl': whole(1, 255),
  priority: whole(0, 0x7fffffff),
  'receive-buffer': [size, 'a number of bytes, optionally with K, M or G'],
  'send-buffer': [size, 'a number of bytes, optionally with K, M or G'],
};

type SwitchName =
  | 'free-bind'
  | 'transparent'
  | 'reuse-port'
  | 'keep-alive'
  | 'no-delay'
  | 'broadcast'
  | 'pass-packet-info'
  | 'pass-credentials'
  | 'pass-security';

/**
 * Reads what listeners are to be like.
 *
 * @throws AlfError ALF_USAGE for a value that an option does not take
 */
export function readSocketOptions(options: Options<OptionTable>): SocketOptions {
  const read: Partial<Record<SocketOptionName, number | string>> = {};
  const table: OptionTable = SOCKET_OPTIONS;
  for (const { name: text, value } of table) {
    const name = text as SocketOptionName;
    if (value === undefined) {
      if (options.on(name)) read[name] = 1;
      continue;
    }
    const given = options.maybe(name);
    if (given !== undefined) read[name] = readValue(name as keyof typeof VALUES, given);
  }
  // The kernel's own default is what nothing is said for.
  if (read['ipv6-only'] === 'default') delete read['ipv6-only'];
  return read;
}

function readValue(name: keyof typeof VALUES, text: string): number | string {
  const [read, expected] = VALUES[name];
  const value = read(text);
  if (value !== undefined) return value;
  throw new AlfError('ALF_USAGE', `option --${name} does not take ${quote(text)}`, {
    hint: `expected ${expected}`,
  });
}

function whole(least: number, most: number): readonly [Read, string] {
  const read = (text: string) => {
    const value = /^(0x[\da-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : -1;
    return value >= least && value <= most ? value : undefined;
  };
  return [read, `a number from ${least} to ${most}`];
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, min: 60, h: 3600 };

function seconds(most: number): readonly [Read, string] {
  const read = (text: string) => {
    const [, digits, unit = ''] = /^(\d{1,5})(s|min|h)?$/.exec(text) ?? [];
    const value = digits === undefined ? 0 : Number(digits) * (UNITS[unit] ?? 1);
    return value >= 1 && value <= most ? value : undefined;
  };
  return [read, `a time from 1 to ${most} seconds: 90, 90s, 2min, 1h`];
}

const SIZES: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** The kernel doubles what it is given, within an int. */
function size(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,10})([KMG])?$/.exec(text) ?? [];
  const value = digits === undefined ? -1 : Number(digits) * (SIZES[unit] ?? 1);
  return value >= 0 && value < 2 ** 30 ? value : undefined;
}

function named(values: Readonly<Record<string, number | string>>): readonly [Read, string] {
  const read = (text: string) => (Object.hasOwn(values, text) ? values[text] : undefined);
  return [read, `one of: ${Object.keys(values).join(', ')}`];
}
