import { expect, it } from 'vitest';
import { expectServed, local, remote } from '../support/attempts.js';
import { attempt } from '../support/client.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, run, start } from '../support/run.js';

const { server, client } = ADDRESS;

/** A machine without a header: neither of the kernel nor of the C library, nor of what is installed of clang. */
const NO_HEADERS = [
  ...['unshare', '--mount', 'sh', '-c'],
  'for d in /usr/include /usr/src /usr/lib/clang /usr/lib/llvm-*/lib/clang /lib/modules; do ' +
    '[ ! -d "$d" ] || mount -t tmpfs none "$d"; done; exec "$@"',
  'sh',
];

const FILTERS = 'test/fixtures/bcc';

/** Names the same file from another working directory. */
const wrapped = (...args: string[]) => [...NO_HEADERS, `${process.cwd()}/alfwrapper`, '-v', ...args];

describeWith(
  ['root', 'bpf', 'netns', 'bcc'],
  'filters in the dialect of BCC, where no headers are installed',
  () => {
    const network = makeNetwork();

    async function serve(...args: string[]) {
      const daemon = start([...network.server, ...wrapped(...args, fixture('echo'))]);
      await daemon.until(/ready/);
      expect(daemon.stderr()).toMatch(/: tier ebpf, filter \w+ \(program \d+\), locked, fd 3$/m);
      return daemon;
    }

    it.each(['tcp', 'udp'] as const)('a list of subnets: %s', async (protocol) => {
      await serve(
        ...[
          '--listen',
          `${protocol}:4242`,
          '--set',
          `allow4,0,${client.public4}/32`,
          '--set',
          'allow4,1,127.0.0.0/8',
        ],
        ...['--set', 'allow6,22,::/0', '--set', 'allow6,0,::1/128', '--set', 'allow6,1,fd07::/64'],
        `${FILTERS}/subnets.c`,
      );
      await expectServed(
        network,
        [
          remote(client.public4, server.public4),
          remote(client.private6, server.private6),
          local('127.0.0.1', '127.0.0.1'),
          local('::1', '::1'),
        ],
        // Slot 22 is never reached: the list ends at slot 2.
        [remote(client.private4, server.private4), remote(client.public6, server.public6)],
        { protocol },
      );
    });

    it('a list of subnets, all slots of it, with the older spelling of types', async () => {
      const slots = Array.from({ length: 23 }, (_, i) => [
        ...['--set', `allow6,index:${i},subnet6:${i === 22 ? '2001:db8::/32' : `2001:db8:${i}::/48`}`],
      ]).flat();
      await serve(...slots, `${FILTERS}/subnets.c`);
      await expectServed(
        network,
        [remote(client.public6, server.public6)],
        [remote(client.private6, server.private6), remote(client.public4, server.public4)],
      );
    });

    it('a list of interfaces, all slots of it', async () => {
      const slots = Array.from({ length: 106 }, (_, i) => [
        '--set',
        `interfaces,${i},${i === 105 ? 'wire' : 'lo'}`,
      ]);
      const daemon = await serve(...slots.flat(), `${FILTERS}/interfaces.c`);
      await expectServed(
        network,
        [remote(client.public4, server.public4), remote(client.public6, server.public6), local('::1', '::1')],
        [],
      );
      await daemon.kill();
      await serve('--set', 'interfaces,0,wire', `${FILTERS}/interfaces.c`);
      await expectServed(
        network,
        [remote(client.public4, server.public4), remote(client.public6, server.public6)],
        [local('::1', '::1'), local('127.0.0.1', '127.0.0.1')],
      );
    });

    it.each([
      ['tcp', server.private4],
      ['tcp', server.private6],
      ['udp', server.private4],
      ['udp', server.private6],
    ] as const)('port knocking: %s to %s', async (protocol, to) => {
      const ports = [15000, 15001, 15002].flatMap((port, i) => ['--set', `ports,${i},${port}`]);
      await serve('--listen', `${protocol}:4242`, ...ports, `${FILTERS}/knocking.c`);
      const knock = (fromPort: number) =>
        attempt(network.client, {
          protocol: protocol === 'tcp' ? 'knock' : 'udp',
          fromPort,
          to,
          timeoutMs: 60,
        });
      expect(await attempt(network.client, { protocol, to, timeoutMs: 300 })).toBe('timeout');
      for (const port of [15001, 15000, 15002]) expect(await knock(port)).toBe('timeout');
      expect(await attempt(network.client, { protocol, to, timeoutMs: 300 })).toBe('timeout');
      for (const port of [15001, 15002]) expect(await knock(port)).toBe('timeout');
      expect(await attempt(network.client, { protocol, to, timeoutMs: 5000 })).toBe('echo');
      const from = to === server.private4 ? client.public4 : client.public6;
      expect(await attempt(network.client, { protocol, from, to, timeoutMs: 300 })).toBe('timeout');
    });

    it('finds what is included beside the filter, whatever the working directory', async () => {
      const command = wrapped(
        '--port',
        '0',
        '--set',
        'interfaces,0,lo',
        `${process.cwd()}/${FILTERS}/interfaces.c`,
        'true',
      );
      for (const cwd of ['/', '/proc/self', FILTERS]) {
        const { status, stderr } = await run([...network.server, ...command], { cwd });
        expect({ cwd, status, stderr }).toMatchObject({ cwd, status: 0 });
      }
    });

    it('takes the headers of a kernel that BCC_KERNEL_SOURCE names, and refuses a directory that is none', async () => {
      const command = [...network.server, './alfwrapper', '--port', '0', `${FILTERS}/interfaces.c`, 'true'];
      const named = (tree: string) => run(['env', `BCC_KERNEL_SOURCE=${tree}`, ...command]);
      expect(await named(`${process.cwd()}/ebpf/kernel`)).toMatchObject({ status: 0, stderr: '' });
      expect(await named('/nowhere')).toMatchObject({
        status: 125,
        stderr:
          'alfwrapper: BCC_KERNEL_SOURCE is not a kernel source: it has no /nowhere/include/linux/kconfig.h\n' +
          '  hint: unset BCC_KERNEL_SOURCE: a filter needs no kernel headers\n',
      });
    });

    it('leaves nothing of the compiler in the environment, the limits and the descriptors of the program', async () => {
      const [plain, wrapped] = await Promise.all(
        [[], ['./alfwrapper', '--port', '0', '--set', 'interfaces,0,lo', `${FILTERS}/interfaces.c`]].map(
          (prefix) =>
            run([
              ...network.server,
              ...prefix,
              'sh',
              '-c',
              'env; ulimit -a; ls /proc/$$/fd; grep Sig /proc/self/status',
            ]),
        ),
      );
      const without = (text = '') =>
        text
          .split('\n')
          .filter((line) => !/^(LISTEN_|3$|Sig(Q|Pnd))/.test(line))
          .sort();
      expect(without(wrapped?.stdout)).toEqual(without(plain?.stdout));
    });
  },
);
