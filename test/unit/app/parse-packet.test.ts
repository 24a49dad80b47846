import { describe, expect, it } from 'vitest';
import { parsePacket } from '../../../src/app/parse-packet.js';
import { failureOf } from '../support/failure.js';

const parse = (text: string) => parsePacket(text, (name) => ({ lo: 1, eth0: 2 })[name]);

describe('a packet in words', () => {
  it.each([
    ['192.0.2.1', 'tcp 192.0.2.1:40000 to 192.0.2.2:4242'],
    ['from 192.0.2.1', 'tcp 192.0.2.1:40000 to 192.0.2.2:4242'],
    ['udp [::1]:5000', 'udp [::1]:5000 to [2001:db8::2]:4242'],
    ['udp 10.0.0.1 to 10.0.0.2:53 on eth0 data x to y', 'udp 10.0.0.1:40000 to 10.0.0.2:53'],
    ['on lo to 10.0.0.2 tcp from 10.0.0.1:1', 'tcp 10.0.0.1:1 to 10.0.0.2:4242'],
    ['icmp 10.0.0.1', 'icmp 10.0.0.1 to 192.0.2.2'],
    ['58 2001:db8::1', 'icmpv6 [2001:db8::1] to [2001:db8::2]'],
    ['hex:4500001400000000400600000a0000010a000002', 'hex:4500001400000000400600000a0000010a000002'],
  ])('%s', (text, shown) => {
    expect(parse(text).text).toBe(shown);
  });

  it('has what it says', () => {
    const { bytes, transport, ifindex } = parse('10.0.0.1 on eth0 data GET /');
    expect(Buffer.from(bytes.subarray(transport + 20)).toString()).toBe('GET /');
    expect([ifindex, bytes[transport + 13]]).toEqual([2, 0x18]);
    expect(parse('10.0.0.1').bytes[33]).toBe(0x02);
    expect(parse('10.0.0.1 flags fin,rst,urg,ack').bytes[33]).toBe(0x35);
    expect([...parse('udp 10.0.0.1 data hex:00 ff').bytes.subarray(28)]).toEqual([0, 0xff]);
    expect(parse('10.0.0.1').ifindex).toBe(1);
  });

  it.each([
    ['', 'missing source address'],
    ['to 10.0.0.1', 'missing source address'],
    ['tcp udp 10.0.0.1', 'udp is one word too many'],
    ['xyz 10.0.0.1', 'xyz is not an IP protocol'],
    ['unix 10.0.0.1', 'unix is not an IP protocol'],
    ['10.0.0.1 to', 'to needs one word after it'],
    ['10.0.0.1 to 10.0.0.2 to 10.0.0.3', 'to needs one word after it'],
    ['10.0.0.1 to ::1', 'the addresses are of different families'],
    ['10.0.0.1 on eth9', 'no such network interface: eth9'],
    ['10.0.0.1 flags syn,xyz', 'xyz is not a TCP flag'],
    ['10.0.0.1 data hex:0', 'its bytes are not pairs of hexadecimal digits'],
    ['hex:45', 'it has no header of IPv4 or IPv6'],
    ['hex:4x', 'its bytes are not pairs of hexadecimal digits'],
  ])('is refused: %j', (text, reason) => {
    expect(failureOf(() => parse(text))).toEqual({
      code: 'ALF_USAGE',
      message: `${/[ ]|^$/.test(text) ? `"${text}"` : text} is not a packet: ${reason}`,
      hint: 'expected [tcp|udp|…] ADDR[:PORT] [to ADDR[:PORT]] [on IF] [flags syn,ack] [data TEXT|hex:BYTES], or hex:BYTES of a packet',
    });
  });

  it.each(['10.0.0', '10.0.0.1:x', '[::1'])('is refused for its address: %s', (text) => {
    expect(failureOf(() => parse(text)).code).toBe('ALF_ADDRESS');
  });
});
