/**
 * Room: net. Pure.
 *
 * Owns addresses, prefixes, ports, endpoints and protocol numbers: their text, their bytes, and the `sockaddr` the kernel takes.
 * Addresses are bytes in network order everywhere; text appears only at the edges. Unusual notations are parsed
 * by `ip-address`.
 *
 * In: text. Out: frozen values, bytes. Knows nothing of sockets, rules or interfaces of this machine.
 */
export { type Address, type AddressFamily, formatAddress, parseAddress } from './address.js';
export { hostIsLittleEndian } from './byte-order.js';
export { type Endpoint, formatEndpoint } from './endpoint.js';
export {
  formatListenAddress,
  type InternetSpec,
  isUnix,
  type ListenSpec,
  parseListenSpec,
  type SocketKind,
  socketKind,
} from './listen-spec.js';
export { type CraftedPacket, craftPacket, type PacketParts, readPacket } from './packet.js';
export { parsePeer } from './peer.js';
export { PORT_LIMIT, parsePort } from './port.js';
export { formatPrefix, type ParsedPrefix, type Prefix, parsePrefix } from './prefix.js';
export {
  etherTypes,
  extensionHeaders,
  formatProtocol,
  PROTOCOL_LIMIT,
  parseProtocol,
  portProtocols,
  protocolNames,
  protocols,
  UNIX_PROTOCOL,
} from './protocols.js';
export { AddressScanner, NOT_FOUND } from './scan-address.js';
export { decodeSockaddr, encodeSockaddr, type SockaddrFamilies } from './sockaddr.js';
export { decodeUnixPath, encodeUnixSockaddr, isAbstract, parseUnixPath, type UnixSpec } from './unix.js';
