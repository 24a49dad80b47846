import type { Constants } from '../kernel/index.js';
import { encodeSockaddr, encodeUnixSockaddr, isUnix, type ListenSpec } from '../net/index.js';
import {
  isUnixListener,
  type Plan,
  type PlannedInterception,
  type PlannedListener,
  type PlannedOption,
} from '../plan/index.js';
import { type Change, operationNumber } from './changes.js';
import { Writer } from './writer.js';

/** `ALFP`. */
const MAGIC = 0x50464c41;

/** The runtime's numbers of tiers. @see enum alf_tier, native/runtime/alf_runtime.h */
const TIERS: Readonly<Record<PlannedListener['tier'], number>> = { none: 0, ebpf: 1, classic: 2, steer: 3 };

/** The runtime's numbers of mechanisms. @see native/runtime/plan.c */
const MECHANISMS: Readonly<Record<PlannedInterception['mechanism'], number>> = {
  fetch: 1,
  create: 2,
};

/** A range without ports. */
const NO_PORTS = [1, 0] as const;

/** What the runtime needs beside the plan. */
export interface PlanContext {
  readonly constants: Constants;
  /** In the order they are made. */
  readonly changes: readonly Change[];
  /** Path of the companion's executable. */
  readonly companion: string;
}

/**
 * Encodes a plan for the runtime.
 *
 * @returns what alf_decode_plan takes
 * @see native/runtime/plan.c
 */
export function encodePlan(
  plan: Pick<Plan, 'listeners' | 'interception' | 'identity' | 'guard'>,
  { constants, changes, companion }: PlanContext,
): Uint8Array {
  const writer = new Writer();
  writer.array(plan.listeners, (listener) => writeListener(writer, listener, constants));
  writer.array(changes, (change) => writeChange(writer, change));
  writer.bytes(Buffer.from(plan.guard ?? '', 'hex'));
  writer.string(Buffer.from(companion));
  writer.u64(BigInt(userOf(plan) ?? -1));
  writer.bool(plan.interception !== undefined);
  if (plan.interception !== undefined) writeInterception(writer, plan.interception, constants);
  return writer.finish(MAGIC);
}

function writeListener(writer: Writer, listener: PlannedListener, constants: Constants): void {
  const { socket, tier, lock, fd, program = '' } = listener;
  writer.u32(TIERS[tier]);
  writer.bool(lock);
  writer.bool(listener.inherited === true);
  writer.u32(fd);
  writer.u32(familyOf(socket, constants));
  writer.u32(typeOf(socket, constants));
  writer.u32(listener.backlog ?? constants.SOMAXCONN);
  writer.u32(isUnixListener(listener) ? listener.mode : 0);
  writer.bytes(sockaddrOf(listener, constants));
  writer.bytes(Buffer.from(program, 'hex'));
  writer.array(listener.options, (option) => writeOption(writer, option, constants));
}

function writeOption(
  writer: Writer,
  { level, name, value, traffic }: PlannedOption,
  constants: Constants,
): void {
  writer.u32(constants[level]);
  writer.u32(constants[name]);
  writer.bool(traffic === true);
  // Typed arrays are in host order, as the kernel takes an int.
  writer.bytes(typeof value === 'string' ? Buffer.from(value) : new Uint8Array(Int32Array.of(value).buffer));
}

function writeInterception(writer: Writer, interception: PlannedInterception, constants: Constants): void {
  const { tcp, udp, clientPorts = NO_PORTS } = interception;
  writer.u32(MECHANISMS[interception.mechanism]);
  writer.bool(interception.undeclared === 'refuse');
  writer.bool(interception.newPrivileges);
  writer.bool(interception.verbose);
  writer.u32(TIERS[tcp.tier]);
  writer.bytes(Buffer.from(tcp.program ?? '', 'hex'));
  writer.u32(tcp.spread ?? 0);
  writer.u32(TIERS[udp.tier]);
  writer.bytes(Buffer.from(udp.program ?? '', 'hex'));
  for (const port of clientPorts) writer.u32(port);
  writer.array(interception.declared, ({ socket, scopeId }) => {
    writer.u32(socket.type === 'stream' ? constants.IPPROTO_TCP : constants.IPPROTO_UDP);
    writer.bytes(encodeSockaddr(socket, scopeId, constants));
  });
}

function writeChange(writer: Writer, change: Change): void {
  const [a = 0n, b = 0n, c = 0n] = change.numbers;
  writer.u32(operationNumber(change));
  for (const number of [a, b, c]) writer.u64(number);
  writer.bytes(change.data ?? new Uint8Array());
}

function familyOf(socket: ListenSpec, { AF_INET, AF_INET6, AF_UNIX }: Constants): number {
  if (isUnix(socket)) return AF_UNIX;
  return socket.address.family === 4 ? AF_INET : AF_INET6;
}

function typeOf({ type }: ListenSpec, constants: Constants): number {
  const { SOCK_STREAM: stream, SOCK_DGRAM: datagram, SOCK_SEQPACKET: seqpacket } = constants;
  return { stream, datagram, seqpacket }[type];
}

/** An inherited UNIX socket is not bound again, and its name can be one that text cannot hold. */
function sockaddrOf(listener: PlannedListener, constants: Constants): Uint8Array {
  if (!isUnixListener(listener)) return encodeSockaddr(listener.socket, listener.scopeId, constants);
  const path = listener.inherited === true ? '' : listener.socket.path;
  return encodeUnixSockaddr(path, constants.AF_UNIX);
}

/** The user the target is going to be, undefined if it stays the present one. */
function userOf({ identity }: Pick<Plan, 'identity'>): number | undefined {
  return identity?.steps.find((step) => step.step === 'setuid')?.uid;
}
