import { AlfError } from '../errors/index.js';
import {
  formatListenAddress,
  type InternetSpec,
  isUnix,
  type ListenSpec,
  socketKind,
  type UnixSpec,
} from '../net/index.js';
import type { Capabilities } from './capabilities.js';
import type { Config } from './config.js';
import type { InternetListener, PlannedListener, UnixListener } from './plan.js';
import { inEffect } from './privileges.js';
import { scopeOf } from './scope.js';
import { assertOptionsApply, planSocketOptions } from './socket-options.js';
import { chooseTier, type FilterSource } from './tiers.js';
import { chooseUnixTier } from './unix-tier.js';

/** The first descriptor of socket activation. @see sd_listen_fds(3) */
const FIRST_FD = 3;

/**
 * Decides options, tier and place of every listener that is used here: those that were passed in come first, where they are.
 *
 * @throws AlfError ALF_TIER if a listener's filter cannot be enforced here, ALF_ADDRESS for an unknown zone, ALF_USAGE
 *   for more names than listeners, or an option that is for none of them
 */
export function planListeners(
  config: Config,
  source: FilterSource,
  capabilities: Capabilities,
): PlannedListener[] {
  const { fdnames, socketOptions, listeners: own } = config;
  if (fdnames.length > own.length) {
    throw new AlfError('ALF_USAGE', `${fdnames.length} names for ${own.length} listeners`, {
      remedy: { kind: 'name listeners' },
    });
  }
  assertOptionsApply(own, socketOptions);
  const inherited = capabilities.inherited.map(({ name, spec }, index) =>
    planOne(
      spec,
      { ...commonOf(spec, index, name, config), options: [], inherited: true },
      config,
      source,
      capabilities,
    ),
  );
  const opened = own.map((spec, index) => {
    const name = fdnames[index] ?? defaultName(spec);
    const { backlog } = socketOptions;
    const common = {
      ...commonOf(spec, inherited.length + index, name, config),
      options: planSocketOptions(spec, socketOptions, inEffect('CAP_NET_ADMIN', capabilities)),
      ...(spec.type === 'datagram' || backlog === undefined ? {} : { backlog: Number(backlog) }),
    };
    return planOne(spec, common, config, source, capabilities);
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
  source: FilterSource,
  capabilities: Capabilities,
): PlannedListener {
  return isUnix(spec)
    ? planUnix(common, spec, config, source, capabilities)
    : planInternet(common, spec, config, source, capabilities);
}

function planInternet(
  common: Common,
  socket: InternetSpec,
  config: Config,
  source: FilterSource,
  capabilities: Capabilities,
): InternetListener {
  const chosen = chooseTier(common, socket, config, source, capabilities);
  return { ...common, socket, scopeId: scopeOf(socket, capabilities), ...chosen };
}

function planUnix(
  common: Common,
  socket: UnixSpec,
  config: Config,
  source: FilterSource,
  capabilities: Capabilities,
): UnixListener {
  const chosen = chooseUnixTier(common.label, socket, source, capabilities);
  const lock = config.lock && chosen.tier !== 'none';
  return { ...common, socket, mode: config.socketMode, ...chosen, lock };
}

/** `tcp-80`, `unix-web.sock`: a name has printable ASCII characters only, no colon, and 255 at most. */
function defaultName(socket: ListenSpec): string {
  if (!isUnix(socket)) return `${socketKind(socket)}-${socket.port}`;
  const name = socket.path.slice(socket.path.lastIndexOf('/') + 1).replace(/[^ -~]|:/g, '_');
  return `${socketKind(socket)}-${name}`;
}
