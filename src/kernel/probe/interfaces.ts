import { hostIsLittleEndian } from '../../net/index.js';
import type { CoreOps } from '../index.js';

/** A network interface of this network namespace. */
export interface NetworkInterface {
  readonly index: number;
  /** The name that the kernel shows, also where it was found by an alternative name. */
  readonly name: string;
  /** The bridge, bond, team or VRF on which its packets come in; undefined if it is a port of none. */
  readonly master: string | undefined;
}

/** A link as the kernel describes it. */
interface Link {
  readonly index: number;
  readonly name: string;
  readonly masterIndex: number | undefined;
}

// linux/netlink.h, linux/rtnetlink.h, linux/if_link.h
const HEADER_BYTES = 16;
const INDEX_OFFSET = HEADER_BYTES + 4;
const ATTRIBUTES_OFFSET = HEADER_BYTES + 16;
const ATTRIBUTE_HEADER_BYTES = 4;
const IFLA_IFNAME = 3;
const IFLA_MASTER = 10;
/** The kernel stacks no more of them: MAX_NEST_DEV. */
const MAX_MASTERS = 8;
const MAX_MESSAGE_BYTES = 65536;
const LITTLE_ENDIAN = hostIsLittleEndian();

/**
 * Finds a network interface by its name, an alternative name or its index.
 *
 * Where rtnetlink is not available, as in a unit with `RestrictAddressFamilies=AF_INET`, names are looked up by
 * if_nametoindex(3), and masters remain unknown.
 *
 * @returns undefined if there is no such interface
 */
export function findInterface(core: CoreOps, nameOrIndex: string | number): NetworkInterface | undefined {
  const link = askLink(core, nameOrIndex);
  if (link === 'unknown') return findByIndexAlone(core, nameOrIndex);
  return link && { index: link.index, name: link.name, master: topMaster(core, link) };
}

/** The last of a chain of masters: a port of a bridge that is a port of a VRF receives on the VRF. */
function topMaster(core: CoreOps, port: Link): string | undefined {
  let top: Link = port;
  for (let depth = 0; depth < MAX_MASTERS && top.masterIndex !== undefined; depth++) {
    const master = askLink(core, top.masterIndex);
    if (master === 'unknown' || master === undefined) break;
    top = master;
  }
  return top === port ? undefined : top.name;
}

function askLink(core: CoreOps, nameOrIndex: string | number): Link | 'unknown' | undefined {
  const message = new Uint8Array(MAX_MESSAGE_BYTES);
  const size = core.link(nameOrIndex, message);
  if (size === -core.constants.ENODEV) return undefined;
  return size < ATTRIBUTES_OFFSET ? 'unknown' : parseLink(message.subarray(0, size));
}

function parseLink(message: Uint8Array): Link {
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  let name = '';
  let masterIndex: number | undefined;
  for (let at = ATTRIBUTES_OFFSET; at + ATTRIBUTE_HEADER_BYTES <= message.length; ) {
    const size = view.getUint16(at, LITTLE_ENDIAN);
    const type = view.getUint16(at + 2, LITTLE_ENDIAN);
    const data = at + ATTRIBUTE_HEADER_BYTES;
    if (size < ATTRIBUTE_HEADER_BYTES || at + size > message.length) break;
    // The name ends with a zero byte.
    if (type === IFLA_IFNAME) name = Buffer.from(message.subarray(data, at + size - 1)).toString();
    if (type === IFLA_MASTER) masterIndex = view.getUint32(data, LITTLE_ENDIAN);
    at += (size + 3) & ~3;
  }
  return { index: view.getInt32(INDEX_OFFSET, LITTLE_ENDIAN), name, masterIndex };
}

function findByIndexAlone(core: CoreOps, name: string | number): NetworkInterface | undefined {
  if (typeof name === 'number') return undefined;
  const index = core.interfaceIndex(name);
  return index > 0 ? { index, name, master: undefined } : undefined;
}
