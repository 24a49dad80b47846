import { expect, it } from 'vitest';
import { expectServed, local, remote } from '../support/attempts.js';
import { ADDRESS, makeNetwork } from '../support/network.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, type Result, type Running, run, start } from '../support/run.js';
import { AS_NOBODY } from '../support/users.js';

const { server, client } = ADDRESS;

describeWith(['root', 'netns'], 'a user without any privilege', () => {
  const network = makeNetwork();
  const before = [...network.server, ...AS_NOBODY];
  // Commands are written as a user writes them, in the package's directory.
  const options = () => ({ cwd: installed('') });

  async function serve(argv: readonly string[]): Promise<Running> {
    const daemon = start([...before, './alfwrapper', ...argv], options());
    await daemon.until(/ready|Listening on/);
    return daemon;
  }

  function execute(argv: readonly string[]): Promise<Result> {
    return run([...before, './alfwrapper', ...argv], options());
  }

  it('has no capability to lend or to lose', async () => {
    const { stdout } = await run([...before, 'grep', '-E', '^(Uid|Cap)', '/proc/self/status']);
    const sets = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map(
      (set) => `${set}:\t${'0'.repeat(16)}`,
    );
    expect(stdout.trim().split('\n')).toEqual(['Uid:\t65534\t65534\t65534\t65534', ...sets]);
  });

  it('serves exactly the addresses it allows, over TCP', async () => {
    const daemon = await serve('--port 8080 --allow 127.0.0.1,::1 -- scripts/echod.sh'.split(' '));
    expect(daemon.stderr()).toMatch(
      /Received 1 descriptors via the environment\.\n(.*\n)*Listening on \[::\]:8080 as 3\./,
    );

    await expectServed(
      network,
      [local('127.0.0.1', '127.0.0.1'), local('::1', '::1')],
      [
        local('127.0.0.2', '127.0.0.1'),
        local('127.0.0.2', '127.0.0.2'),
        remote(client.private4, server.private4),
        remote(client.private6, server.private6),
      ],
      { port: 8080 },
    );
  });

  it('serves exactly the addresses it allows, over UDP on tier classic', async () => {
    const daemon = await serve([
      '-v',
      '--listen',
      'udp:8080',
      '--allow',
      '127.0.0.1,::1',
      '--',
      fixture('echo'),
    ]);
    expect(daemon.stderr()).toMatch(/^alfwrapper: udp \[::\]:8080: tier classic, .*, locked, fd 3$/m);

    await expectServed(
      network,
      [local('127.0.0.1', '127.0.0.1'), local('::1', '::1')],
      [
        local('127.0.0.2', '127.0.0.1'),
        remote(client.private4, server.private4),
        remote(client.private6, server.private6),
      ],
      { port: 8080, protocol: 'udp' },
    );
  });

  it.each([
    [
      '--address :: --port 4251 ebpf/whitelist-private.c scripts/echod.sh',
      4251,
      [
        local('127.0.0.1', '127.0.0.1'),
        local('::1', '::1'),
        remote(client.private4, server.private4),
        remote(client.private6, server.private6),
      ],
      [remote(client.public4, server.public4), remote(client.public6, server.public6)],
    ],
    [
      '--address :: --port 4252 --set allow4,uint32_t:0,subnet4:127.0.0.1/24 --set allow6,uint32_t:0,subnet6:::1/128 ebpf/whitelist.c scripts/echod.sh',
      4252,
      [local('127.0.0.9', '127.0.0.1'), local('::1', '::1')],
      [
        local('127.0.1.1', '127.0.0.1'),
        remote(client.private4, server.private4),
        remote(client.private6, server.private6),
      ],
    ],
    [
      '--port 4253 --set allow6,0,::1/128 ebpf/subnets.c scripts/echod.sh',
      4253,
      [local('::1', '::1')],
      [local('127.0.0.1', '127.0.0.1'), remote(client.private6, server.private6)],
    ],
    [
      '--port 4254 --set interfaces,0,lo ebpf/interfaces.c scripts/echod.sh',
      4254,
      [local('127.0.0.1', '127.0.0.1'), local('::1', '::1'), local(server.private4, server.private4)],
      [remote(client.private4, server.private4), remote(client.private6, server.private6)],
    ],
  ])('runs alfwrapper 2017’s command line %s', async (command, port, served, denied) => {
    await serve(command.split(' '));
    await expectServed(network, served, denied, { port });
  });

  it('is told why knocking cannot be, and nothing is run', async () => {
    const argv = '--set ports,0,15000 --set ports,1,15001 --set ports,2,15002 ebpf/knocking.c echo no'.split(
      ' ',
    );
    expect(await execute(argv)).toEqual({
      status: 125,
      signal: null,
      stdout: '',
      stderr: expect.stringMatching(
        /^alfwrapper: unable to enforce a filter on tcp \[::\]:4242: loading eBPF is refused: operation not permitted \(EPERM\)\n {2}hint: it needs CAP_BPF: [^\n]+\n$/,
      ),
    });
  });

  it.each(['classic', 'steer'])('is told that knocking does not go with tier %s', async (tier) => {
    const argv = ['--tier', tier, '--set', 'ports,0,15000', 'ebpf/knocking.c', 'echo', 'no'];
    expect(await execute(argv)).toMatchObject({
      status: 125,
      stdout: '',
      stderr:
        'alfwrapper: unable to enforce filter knocking on tcp [::]:4242: only tier ebpf can carry it\n' +
        `  hint: tier ${tier} takes filters that keep no state\n`,
    });
  });

  // What is bound, which rules, who is served and who is not.
  const near = { v4: remote(client.private4, server.private4), v6: remote(client.private6, server.private6) };
  const far = { v4: remote(client.public4, server.private4), v6: remote(client.public6, server.private6) };
  const self = { v4: local('127.0.0.1', '127.0.0.1'), v6: local('::1', '::1') };
  const wire = ['--allow', `${client.private4},${client.private6}`];
  const lo = ['--rule', 'allow in on lo'];
  const places = [
    ['[::]', wire, [near.v4, near.v6], [far.v4, far.v6, self.v4, self.v6]],
    ['0.0.0.0', wire, [near.v4], [far.v4, self.v4]],
    [server.private4, wire, [near.v4], [far.v4, local(server.private4, server.private4)]],
    [`[${server.private6}]`, wire, [near.v6], [far.v6, local(server.private6, server.private6)]],
    ['[::]', lo, [self.v4, self.v6, local(server.private4, server.private4)], [near.v4, near.v6]],
    ['0.0.0.0', lo, [self.v4], [near.v4, far.v4]],
    ['127.0.0.1', ['--allow', '127.0.0.1'], [self.v4], [local('127.0.0.2', '127.0.0.1')]],
    ['[::1]', ['--deny', '127.0.0.0/8'], [self.v6], []],
  ] as const;
  const both = places.flatMap(([address, rules, served, denied], i) =>
    (['tcp', 'udp'] as const).map((protocol) => ({
      protocol,
      address,
      rules,
      served,
      denied,
      port: 4300 + i,
    })),
  );

  it.each(both)('filters $protocol on $address with $rules', async ({ protocol, address, rules, ...who }) => {
    const listen = ['--listen', `${protocol}:${address}:${who.port}`];
    const daemon = await serve(['-v', ...listen, ...rules, '--', fixture('echo')]);
    expect(daemon.stderr()).toContain(`tier ${protocol === 'tcp' ? 'steer' : 'classic'}, `);
    await expectServed(network, who.served, who.denied, { port: who.port, protocol });
  });

  it('has TCP and UDP listeners in one launch, each on its tier', async () => {
    const listen = ['8081', '0.0.0.0:8082', 'udp:8081', `udp:[${server.private6}]:8083`].flatMap((spec) => [
      '--listen',
      spec,
    ]);
    const daemon = await serve(['-v', ...listen, ...wire, '--', fixture('echo')]);
    expect(daemon.stderr().match(/(tcp|udp) .*: tier \w+/g)).toEqual([
      'tcp [::]:8081: tier steer',
      'tcp 0.0.0.0:8082: tier steer',
      'udp [::]:8081: tier classic',
      'udp [fd07::1]:8083: tier classic',
    ]);
    expect(daemon.stderr().match(/companion is process \d+/g)).toHaveLength(1);

    const udp = { protocol: 'udp' } as const;
    await expectServed(
      network,
      [
        { ...near.v4, port: 8081 },
        { ...near.v6, port: 8081 },
        { ...near.v4, port: 8082 },
        { ...near.v4, ...udp, port: 8081 },
        { ...near.v6, ...udp, port: 8083 },
      ],
      [
        { ...far.v4, port: 8081 },
        { ...self.v6, port: 8081 },
        { ...self.v4, port: 8082 },
        { ...far.v4, ...udp, port: 8081 },
        { ...far.v6, ...udp, port: 8083 },
      ],
    );
  });
});
