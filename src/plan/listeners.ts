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
import type { InternetListener, PlannedListener, UnixListener } from './plan.js';
import { assertOptionsApply, planSocketOptions } from './socket-options.js';
import { chooseTier, type Judge } from './tiers.js';
import { chooseUnixTier } from './unix-tier.js';

/** The first descriptor of socket activation. @see sd_listen_fds(3) */
const FIRST_FD = 3;

/**
 * Decides options, tier and place of every listener.
 *
 * @throws AlfError ALF_TIER if a listener's filter cannot be enforced here, ALF_ADDRESS for an unknown zone, ALF_USAGE
 *   for more names than listeners, or an option that is for none of them
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
  assertOptionsApply(listeners, config.socketOptions);
  return listeners.map((socket, index) => {
    const label = `${socketKind(socket)} ${formatListenAddress(socket)}`;
    const fdname = fdnames[index] ?? defaultName(socket);
    const { backlog } = config.socketOptions;
    const common = {
      ...{ label, fd: FIRST_FD + index, fdname, lock: config.lock },
      options: planSocketOptions(socket, config.socketOptions, isNetAdmin(facts)),
      ...(socket.type === 'datagram' || backlog === undefined ? {} : { backlog: Number(backlog) }),
    };
    return isUnix(socket)
      ? planUnix(common, socket, config, judge, facts)
      : planInternet(common, socket, config, judge, facts);
  });
}

type Common = Pick<PlannedListener, 'label' | 'fd' | 'fdname' | 'lock' | 'options' | 'backlog'>;

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
    ...chooseTier(common.label, socket, config, judge, facts),
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
  return { ...common, socket, mode: config.socketMode, ...chosen, lock };
}

/** `tcp-80`, `unix-web.sock`: a name has printable ASCII characters only, no colon, and 255 at most. */
function defaultName(socket: ListenSpec): string {
  if (!isUnix(socket)) return `${socketKind(socket)}-${socket.port}`;
  const name = socket.path.slice(socket.path.lastIndexOf('/') + 1).replace(/[^ -~]|:/g, '_');
  return `${socketKind(socket)}-${name}`;
}

/** Whether we have CAP_NET_ADMIN. */
function isNetAdmin({ credentials, capabilityNumbers }: Facts): boolean {
  return ((credentials.effective >> BigInt(capabilityNumbers.CAP_NET_ADMIN)) & 1n) === 1n;
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
