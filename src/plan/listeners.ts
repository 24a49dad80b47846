import { AlfError, quote } from '../errors/index.js';
import {
  formatListenAddress,
  type InternetSpec,
  isUnix,
  type ListenSpec,
  socketKind,
  type UnixSpec,
} from '../net/index.js';
import { inEffect } from './capabilities.js';
import type { Config } from './config.js';
import type { Facts } from './facts.js';
import type { InternetListener, PlannedListener, UnixListener } from './plan.js';
import { assertOptionsApply, planSocketOptions } from './socket-options.js';
import { chooseTier, type Judge } from './tiers.js';
import { chooseUnixTier } from './unix-tier.js';

/** The first descriptor of socket activation. @see sd_listen_fds(3) */
const FIRST_FD = 3;

/**
 * Decides options, tier and place of every listener that is used here: those that were passed in come first, where they are.
 *
 * @throws AlfError ALF_TIER if a listener's filter cannot be enforced here, ALF_ADDRESS for an unknown zone, ALF_USAGE
 *   for more names than listeners, or an option that is for none of them
 */
export function planListeners(config: Config, judge: Judge, facts: Facts): PlannedListener[] {
  const { fdnames, socketOptions, listeners: own } = config;
  if (fdnames.length > own.length) {
    throw new AlfError('ALF_USAGE', `option --fdname names ${fdnames.length} of ${own.length} listeners`, {
      hint: 'it names the listeners of the command line, in order',
    });
  }
  assertOptionsApply(own, socketOptions);
  const inherited = facts.inherited.map(({ name, spec }, index) =>
    planOne(
      spec,
      { ...commonOf(spec, index, name, config), options: [], inherited: true },
      config,
      judge,
      facts,
    ),
  );
  const opened = own.map((spec, index) => {
    const name = fdnames[index] ?? defaultName(spec);
    const { backlog } = socketOptions;
    const common = {
      ...commonOf(spec, inherited.length + index, name, config),
      options: planSocketOptions(spec, socketOptions, inEffect('CAP_NET_ADMIN', facts)),
      ...(spec.type === 'datagram' || backlog === undefined ? {} : { backlog: Number(backlog) }),
    };
    return planOne(spec, common, config, judge, facts);
  });
  return [...inherited, ...opened];
}

type Common = Pick<PlannedListener, 'label' | 'fd' | 'fdname' | 'lock' | 'options' | 'backlog' | 'inherited'>;

function commonOf(spec: ListenSpec, place: number, fdname: string, { lock }: Config) {
  const label = `${socketKind(spec)} ${formatListenAddress(spec)}`;
  return { label, fd: FIRST_FD + place, fdname, lock };
}

function planOne(
  spec: ListenSpec,
  common: Common,
  config: Config,
  judge: Judge,
  facts: Facts,
): PlannedListener {
  return isUnix(spec)
    ? planUnix(common, spec, config, judge, facts)
    : planInternet(common, spec, config, judge, facts);
}

function planInternet(
  common: Common,
  socket: InternetSpec,
  config: Config,
  judge: Judge,
  facts: Facts,
): InternetListener {
  const chosen = chooseTier(common, socket, config, judge, facts);
  return { ...common, socket, scopeId: scopeOf(socket, facts), ...chosen };
}

function planUnix(
  common: Common,
  socket: UnixSpec,
  config: Config,
  judge: Judge,
  facts: Facts,
): UnixListener {
  const chosen = chooseUnixTier(common.label, socket, judge, facts);
  const lock = config.lock && chosen.tier !== 'none';
  return { ...common, socket, mode: config.socketMode, ...chosen, lock };
}

/** `tcp-80`, `unix-web.sock`: a name has printable ASCII characters only, no colon, and 255 at most. */
function defaultName(socket: ListenSpec): string {
  if (!isUnix(socket)) return `${socketKind(socket)}-${socket.port}`;
  const name = socket.path.slice(socket.path.lastIndexOf('/') + 1).replace(/[^ -~]|:/g, '_');
  return `${socketKind(socket)}-${name}`;
}

/** A zone is an interface name, or its index in digits. @see RFC 4007 section 11 */
function scopeOf(socket: InternetSpec, facts: Facts): number {
  const { zone } = socket.address;
  if (zone === '') return 0;
  const index = facts.findInterface(zone)?.index ?? (/^\d{1,9}$/.test(zone) ? Number(zone) : undefined);
  if (index === undefined) {
    throw new AlfError('ALF_ADDRESS', `there is no network interface ${quote(zone)}`, {
      hint: 'see: ip link show',
    });
  }
  return index;
}
