import { AlfError, quote } from '../errors/index.js';
import {
  formatListenAddress,
  type InternetSpec,
  isUnix,
  type ListenSpec,
  socketKind,
  type UnixSpec,
} from '../net/index.js';
import type { Config } from './config.js';
import type { Facts } from './facts.js';
import type { InternetListener, PlannedListener, PlannedOption, UnixListener } from './plan.js';
import { chooseTier, type Judge } from './tiers.js';
import { chooseUnixTier } from './unix-tier.js';

/** The first descriptor of socket activation. @see sd_listen_fds(3) */
const FIRST_FD = 3;

/**
 * Decides options, tier and place of every listener.
 *
 * @throws AlfError ALF_TIER if a listener's filter cannot be enforced here, ALF_ADDRESS for an unknown zone, ALF_USAGE
 *   for more names than listeners
 */
export function planListeners(config: Config, judge: Judge, facts: Facts): PlannedListener[] {
  const { listeners, fdnames } = config;
  if (fdnames.length > listeners.length) {
    throw new AlfError(
      'ALF_USAGE',
      `option --fdname names ${fdnames.length} of ${listeners.length} listeners`,
      {
        hint: 'it names the listeners of the command line, in order',
      },
    );
  }
  return listeners.map((socket, index) => {
    const label = `${socketKind(socket)} ${formatListenAddress(socket)}`;
    const fdname = fdnames[index] ?? defaultName(socket);
    const common = { label, fd: FIRST_FD + index, fdname, lock: config.lock };
    return isUnix(socket)
      ? planUnix(common, socket, config, judge, facts)
      : planInternet(common, socket, config, judge, facts);
  });
}

type Common = Pick<PlannedListener, 'label' | 'fd' | 'fdname' | 'lock'>;

function planInternet(
  common: Common,
  socket: InternetSpec,
  config: Config,
  judge: Judge,
  facts: Facts,
): InternetListener {
  return {
    ...common,
    socket,
    scopeId: scopeOf(socket, facts),
    options: optionsOf(socket),
    ...chooseTier(common.label, socket, config.tier, judge, facts),
  };
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
  return { ...common, socket, mode: config.socketMode, options: [], ...chosen, lock };
}

/** `tcp-80`, `unix-web.sock`: a name has printable ASCII characters only, no colon, and 255 at most. */
function defaultName(socket: ListenSpec): string {
  if (!isUnix(socket)) return `${socketKind(socket)}-${socket.port}`;
  const name = socket.path.slice(socket.path.lastIndexOf('/') + 1).replace(/[^ -~]|:/g, '_');
  return `${socketKind(socket)}-${name}`;
}

function optionsOf(socket: InternetSpec): PlannedOption[] {
  const options: PlannedOption[] = [];
  // A daemon that is restarted must get its port back while old connections linger in TIME_WAIT. On UDP the same
  // option would let another process of the user share the port.
  if (socket.type === 'stream') options.push({ level: 'SOL_SOCKET', name: 'SO_REUSEADDR', value: 1 });
  // [::] means everybody, whatever net.ipv6.bindv6only says.
  if (socket.address.family === 6) options.push({ level: 'IPPROTO_IPV6', name: 'IPV6_V6ONLY', value: 0 });
  return options;
}

/** A zone is an interface name, or its index in digits. @see RFC 4007 section 11 */
function scopeOf(socket: InternetSpec, facts: Facts): number {
  const { zone } = socket.address;
  if (zone === '') return 0;
  const index = facts.interfaceIndex(zone) ?? (/^\d{1,9}$/.test(zone) ? Number(zone) : undefined);
  if (index === undefined) {
    throw new AlfError('ALF_ADDRESS', `there is no network interface ${quote(zone)}`, {
      hint: 'see: ip link show',
    });
  }
  return index;
}
