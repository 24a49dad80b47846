import { describe, expect, it } from 'vitest';
import { viewPacket } from '../../../../src/bpf/cbpf/index.js';

function ipv4(words: number, protocol: number, transport: number[]): Uint8Array {
  const header = new Array<number>(words * 4).fill(0);
  header[0] = 0x40 | words;
  header[9] = protocol;
  return Uint8Array.from([...header, ...transport]);
}

function ipv6(next: number, rest: number[]): Uint8Array {
  const header = new Array<number>(40).fill(0);
  header[0] = 0x60;
  header[6] = next;
  return Uint8Array.from([...header, ...rest]);
}

const tcp = [...new Array<number>(12).fill(0), 0x60, ...new Array<number>(11).fill(0)];
const udp = new Array<number>(8).fill(0);

describe('viewPacket', () => {
  it.each<[string, Uint8Array, number, number]>([
    ['IPv4 UDP', ipv4(5, 17, udp), 20, 28],
    ['IPv4 with options', ipv4(8, 17, udp), 32, 40],
    ['IPv4 TCP with options', ipv4(5, 6, tcp), 20, 44],
    ['IPv6 TCP', ipv6(6, tcp), 40, 64],
    ['IPv6 behind destination options', ipv6(60, [17, 0, 0, 0, 0, 0, 0, 0, ...udp]), 48, 56],
    [
      'IPv6 behind sixteen bytes of hop-by-hop options',
      ipv6(0, [17, 1, ...new Array<number>(14).fill(0), ...udp]),
      56,
      64,
    ],
    ['IPv6 behind an atomic fragment', ipv6(44, [6, 0, 0, 0, 0, 0, 0, 0, ...tcp]), 48, 72],
  ])('%s', (_, bytes, socket, reuseport) => {
    expect(viewPacket(bytes, 'socket', 3).dataOffset).toBe(socket);
    expect(viewPacket(bytes, 'reuseport', 3).dataOffset).toBe(reuseport);
  });

  it('tells the ethertype by the version', () => {
    expect(viewPacket(ipv4(5, 17, udp), 'socket', 3)).toMatchObject({ protocol: 0x0800, ifindex: 3 });
    expect(viewPacket(ipv6(17, udp), 'socket', 3).protocol).toBe(0x86dd);
    expect(viewPacket(Uint8Array.from([0x10]), 'reuseport', 3)).toMatchObject({ protocol: 0, dataOffset: 0 });
    expect(viewPacket(new Uint8Array(0), 'socket', 3).protocol).toBe(0);
  });

  it('does not leave a packet that is too short', () => {
    expect(viewPacket(ipv4(5, 17, []), 'reuseport', 3).dataOffset).toBe(20);
    expect(viewPacket(ipv6(60, [17]), 'socket', 3).dataOffset).toBe(41);
  });
});
