import { AlfError, quote } from '../errors/index.js';
import { formatEndpoint, type ListenSpec } from '../net/index.js';
import type { Config } from './config.js';
import type { Facts } from './facts.js';
import type { PlannedListener, PlannedOption } from './plan.js';
import { chooseTier, type Judge } from './tiers.js';

/** The first descriptor of socket activation. @see sd_listen_fds(3) */
const FIRST_FD = 3;

/**
 * Decides options, tier and place of every listener.
 *
 * @throws AlfError ALF_TIER if a listener's filter cannot be enforced here, ALF_ADDRESS for an unknown zone
 */
export function planListeners(config: Config, judge: Judge, facts: Facts): PlannedListener[] {
  return config.listeners.map((socket, index) => {
    const protocol = socket.type === 'stream' ? 'tcp' : 'udp';
    const label = `${protocol} ${formatEndpoint(socket)}`;
    return {
      label,
      socket,
      scopeId: scopeOf(socket, facts),
      options: optionsOf(socket),
      ...chooseTier(label, socket, config.tier, judge, facts),
      lock: config.lock,
      fd: FIRST_FD + index,
      fdname: `${protocol}-${socket.port}`,
    };
  });
}

function optionsOf(socket: ListenSpec): PlannedOption[] {
  const options: PlannedOption[] = [];
  // A daemon that is restarted must get its port back while old connections linger in TIME_WAIT. On UDP the same
  // option would let another process of the user share the port.
  if (socket.type === 'stream') options.push({ level: 'SOL_SOCKET', name: 'SO_REUSEADDR', value: 1 });
  // [::] means everybody, whatever net.ipv6.bindv6only says.
  if (socket.address.family === 6) options.push({ level: 'IPPROTO_IPV6', name: 'IPV6_V6ONLY', value: 0 });
  return options;
}

/** A zone is an interface name, or its index in digits. @see RFC 4007 section 11 */
function scopeOf(socket: ListenSpec, facts: Facts): number {
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
