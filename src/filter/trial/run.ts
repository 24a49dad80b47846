import { decodeProgram, encodeProgram, type Instruction } from '../../bpf/ebpf/index.js';
import { type BpfOps, check } from '../../kernel/index.js';
import { type CraftedPacket, etherTypes } from '../../net/index.js';
import type { LoadedFilter } from '../filter.js';
import { shiftPacket } from './shift.js';

/** A packet to try a filter on. */
export interface TriedPacket extends CraftedPacket {
  /** The interface it comes in on. */
  readonly ifindex: number;
}

const ETHERNET_BYTES = 14;

/**
 * Runs a loaded filter on crafted packets with BPF_PROG_TEST_RUN, in order, on the maps that it has. Needs CAP_BPF.
 *
 * What is run is the filter with its reads moved, for the kernel gives it the packet from another place on than a socket
 * does: see {@link shiftPacket}.
 *
 * @returns for each packet how many bytes from the transport header on the filter keeps: 0 drops it
 * @throws AlfError ALF_OBJECT if the filter cannot be tried like that, or the kernel does not run it
 */
export function runTrial(bpf: BpfOps, filter: LoadedFilter, packets: readonly TriedPacket[]): number[] {
  const programs = new Map<string, number>();
  const original = decodeProgram(filter.instructions());
  try {
    return packets.map(({ bytes, transport, ifindex }) => {
      const view = { networkHeader: transport, ifindex };
      const key = JSON.stringify(view);
      const fd = programs.get(key) ?? load(bpf, shiftPacket(original, view));
      programs.set(key, fd);
      return check(bpf.programTestRun(fd, frame(bytes), ifindex), 'ALF_OBJECT', 'try the filter', {
        ENODEV: 'there is no such interface',
        ENOMEM: 'a packet may have as many bytes as a page of memory, less some',
      });
    });
  } finally {
    for (const fd of programs.values()) bpf.mapClose(fd);
  }
}

function load(bpf: BpfOps, program: readonly Instruction[]): number {
  return check(bpf.programLoad(encodeProgram(program)), 'ALF_OBJECT', 'load the filter for a trial');
}

/** TEST_RUN wants an Ethernet header, of which the kernel takes the protocol. */
function frame(packet: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(ETHERNET_BYTES + packet.length);
  new DataView(bytes.buffer).setUint16(12, (packet[0] ?? 0) >> 4 === 4 ? etherTypes[4] : etherTypes[6]);
  bytes.set(packet, ETHERNET_BYTES);
  return bytes;
}
