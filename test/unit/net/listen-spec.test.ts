import { describe, expect, it } from 'vitest';
import {
  formatListenAddress,
  isUnix,
  type ListenSpec,
  parseListenSpec,
  socketKind,
} from '../../../src/net/index.js';
import { failureOf } from '../support/failure.js';

/** `KIND ADDRESS`, and the zone apart. */
function shown(spec: ListenSpec): string {
  return `${socketKind(spec)} ${formatListenAddress(spec)}`;
}

const EXPECTED =
  'expected PORT, ADDRESS:PORT or [ADDRESS]:PORT, with tcp: or udp: in front if you like; /PATH or @NAME, with unix:, unix-dgram: or unix-seqpacket:';
const ADDRESS = 'expected IPv4 (192.0.2.1) or IPv6 (2001:db8::1)';
const PATH = 'expected an absolute path or @NAME, of 107 bytes at most';

describe('parseListenSpec', () => {
  it.each([
    ['8080', 'tcp [::]:8080'],
    ['0', 'tcp [::]:0'],
    ['tcp:8080', 'tcp [::]:8080'],
    ['udp:53', 'udp [::]:53'],
    ['127.0.0.1:80', 'tcp 127.0.0.1:80'],
    ['tcp:127.0.0.1:80', 'tcp 127.0.0.1:80'],
    ['udp:0.0.0.0:53', 'udp 0.0.0.0:53'],
    ['[::1]:80', 'tcp [::1]:80'],
    ['udp:[2001:DB8::1]:53', 'udp [2001:db8::1]:53'],
    ['[fe80::1]:80%eth0', 'tcp [fe80::1%eth0]:80'],
    ['[fe80::1%eth0]:80', 'tcp [fe80::1%eth0]:80'],
    ['udp:[fe80::1]:53%2', 'udp [fe80::1%2]:53'],
    ['/run/web.sock', 'unix /run/web.sock'],
    ['unix:/run/web.sock', 'unix /run/web.sock'],
    ['unix-dgram:/run/log', 'unix-dgram /run/log'],
    ['unix-seqpacket:/run/control', 'unix-seqpacket /run/control'],
    ['@name', 'unix @name'],
    ['unix:@name', 'unix @name'],
    ['unix-dgram:@name', 'unix-dgram @name'],
    ['unix-seqpacket:@a/b:c', 'unix-seqpacket @a/b:c'],
    ['/run/with space:80', 'unix /run/with space:80'],
    ['/run/grün', 'unix /run/grün'],
    [`/${'x'.repeat(106)}`, `unix /${'x'.repeat(106)}`],
    [`@${'x'.repeat(107)}`, `unix @${'x'.repeat(107)}`],
  ])('accepts %s', (text, expected) => {
    const spec = parseListenSpec(text);
    expect(shown(spec)).toBe(expected);
    expect(isUnix(spec)).toBe(expected.startsWith('unix'));
  });

  it.each([
    ['', '"" is not something to listen on', EXPECTED],
    ['http', 'http is not something to listen on', EXPECTED],
    ['80 ', '"80 " is not something to listen on', EXPECTED],
    ['-1', '-1 is not something to listen on', EXPECTED],
    [':80', ':80 is not something to listen on', EXPECTED],
    ['tcp:', 'tcp: is not something to listen on', EXPECTED],
    ['tcp::80', 'tcp::80 is not something to listen on', EXPECTED],
    ['TCP:80', 'TCP is not an IP address', ADDRESS],
    ['sctp:80', 'sctp is not an IP address', ADDRESS],
    ['::1:80', '::1:80 is not something to listen on', EXPECTED],
    ['[::1]', '[::1] is not something to listen on', EXPECTED],
    ['[::1]80', '[::1]80 is not something to listen on', EXPECTED],
    ['[]:80', '[]:80 is not something to listen on', EXPECTED],
    ['[127.0.0.1]:80', '[127.0.0.1]:80 is not something to listen on', EXPECTED],
    ['localhost:80', 'localhost is not an IP address', ADDRESS],
    ['127.0.0.01:80', '127.0.0.01 is not an IP address', ADDRESS],
    ['127.0.0.1', '127.0.0.1 is not something to listen on', EXPECTED],
    ['80%eth0', '80%eth0 is not something to listen on', EXPECTED],
    ['127.0.0.1:80%eth0', '127.0.0.1:80%eth0 is not something to listen on', EXPECTED],
    ['[fe80::1%a]:80%b', '[fe80::1%a]:80%b is not something to listen on', EXPECTED],
    ['[fe80::1]:80%', '[fe80::1]:80% is not something to listen on', EXPECTED],
    ['65536', '65536 is not a port', 'expected a number from 0 to 65535'],
    ['udp:127.0.0.1:99999', '99999 is not a port', 'expected a number from 0 to 65535'],
    ['run/web.sock', 'run/web.sock is not something to listen on', EXPECTED],
    ['unix:', '"" is not a path of a UNIX socket: it is not absolute', PATH],
    ['unix:web.sock', 'web.sock is not a path of a UNIX socket: it is not absolute', PATH],
    ['unix:80', '80 is not a path of a UNIX socket: it is not absolute', PATH],
    ['unix-dgram:', '"" is not a path of a UNIX socket: it is not absolute', PATH],
    ['unix-stream:/a', 'unix-stream:/a is not something to listen on', EXPECTED],
    ['tcp:/run/web.sock', 'tcp:/run/web.sock is not something to listen on', EXPECTED],
    ['@', '@ is not a path of a UNIX socket: it has no name', PATH],
    ['/', '/ is not a path of a UNIX socket: it has no name', PATH],
    ['/run/', '/run/ is not a path of a UNIX socket: it has no name', PATH],
    ['/a\0b', '"/a\\u0000b" is not a path of a UNIX socket: it holds a zero byte', PATH],
    ['/\ufffd', '"/\ufffd" is not a path of a UNIX socket: it is not UTF-8', PATH],
  ])('refuses %j', (text, message, hint) => {
    expect(failureOf(() => parseListenSpec(text))).toEqual({ code: 'ALF_ADDRESS', message, hint });
  });

  it.each([
    [`/${'x'.repeat(107)}`, 108],
    [`@${'x'.repeat(108)}`, 108],
    [`/${'ü'.repeat(54)}`, 109],
  ])('refuses %s, which is too long', (path, size) => {
    expect(failureOf(() => parseListenSpec(path)).message).toMatch(
      new RegExp(`is not a path of a UNIX socket: it has ${size} bytes$`),
    );
  });
});
