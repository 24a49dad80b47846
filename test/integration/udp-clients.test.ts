import { expect, it } from 'vitest';
import { describeWith } from '../support/requires.js';
import { installed, run } from '../support/run.js';
import { asNobodyWith } from '../support/users.js';

/** Has a datagram sent to a socket before and after it is connected to the sender. Arguments: address. */
const CLIENT = `
import socket, sys
address = sys.argv[1]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
client, peer = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
for each in (client, peer):
    each.bind((address, 0))
client.settimeout(0.3)
def ask(text):
    peer.sendto(text, client.getsockname()[:2])
    try:
        return client.recv(9).decode()
    except TimeoutError:
        return "nothing"
print(ask(b"first"))
client.connect(peer.getsockname()[:2])
print(ask(b"second"))
`;

const DENY_LOOPBACK = ['--tier', 'ebpf', '--allow', '192.0.2.1', '--'];

describeWith(['root', 'bpf'], 'UDP sockets that a program opens, on tier ebpf', () => {
  it.each([
    ['read in place', [], '127.0.0.1'],
    ['read in place', [], '::1'],
    ['read as copies', asNobodyWith('+bpf'), '127.0.0.1'],
    ['read as copies', asNobodyWith('+bpf'), '::1'],
  ] as const)(
    'get packets of a denied peer once they are connected to it: %s, %o, %s',
    async (_, before, address) => {
      const command = [
        ...before,
        installed('alfwrapper'),
        ...DENY_LOOPBACK,
        'python3',
        '-c',
        CLIENT,
        address,
      ];
      expect(await run(command)).toMatchObject({ status: 0, stdout: 'nothing\nsecond\n', stderr: '' });
    },
  );

  it('do not get them as listeners that alfwrapper opened', async () => {
    const listen = ['--listen', 'udp:127.0.0.1:0', ...DENY_LOOPBACK];
    const adopted = CLIENT.replace('address = sys.argv[1]', 'address = "127.0.0.1"').replace(
      'for each in (client, peer):\n    each.bind((address, 0))',
      'client = socket.socket(fileno=3)\npeer.bind((address, 0))',
    );
    const command = [installed('alfwrapper'), ...listen, 'python3', '-c', adopted];
    expect(await run(command)).toMatchObject({ status: 0, stdout: 'nothing\nnothing\n', stderr: '' });
  });
});
