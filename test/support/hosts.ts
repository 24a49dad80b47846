import { execFileSync } from 'node:child_process';

/** Two hosts with a wire between them, each a network namespace with a private and a public address per family. */
export interface Network {
  /** Prefix of a command that runs on the server. */
  readonly server: readonly string[];
  /** Prefix of a command that runs on the client. */
  readonly client: readonly string[];
}

/** Addresses of the two hosts; documentation prefixes stand for the public Internet. The interface is called wire. */
export const ADDRESS = {
  server: {
    private4: '10.7.0.1',
    public4: '203.0.113.1',
    private6: 'fd07::1',
    public6: '2001:db8::1',
    linkLocal: 'fe80::7:1',
  },
  client: {
    private4: '10.7.0.2',
    public4: '203.0.113.2',
    private6: 'fd07::2',
    public6: '2001:db8::2',
    linkLocal: 'fe80::7:2',
  },
} as const;

let made = 0;

/** Makes the two namespaces. @returns how to use them, and to remove them */
export function createNetwork(): Network & { remove(): void } {
  const id = `${process.pid}-${++made}`;
  const [server, client] = [`alf-s-${id}`, `alf-c-${id}`];
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

  ip('netns', 'add', server);
  ip('netns', 'add', client);
  ip('link', 'add', 'wire', 'netns', server, 'type', 'veth', 'peer', 'name', 'wire', 'netns', client);
  for (const [name, addresses] of [
    [server, ADDRESS.server],
    [client, ADDRESS.client],
  ] as const) {
    ip('-n', name, 'link', 'set', 'lo', 'up');
    ip('-n', name, 'address', 'add', `${addresses.private4}/24`, 'dev', 'wire');
    ip('-n', name, 'address', 'add', `${addresses.public4}/24`, 'dev', 'wire');
    // Without nodad an IPv6 address cannot be used for its first second.
    for (const address of [addresses.private6, addresses.public6, addresses.linkLocal]) {
      ip('-n', name, 'address', 'add', `${address}/64`, 'dev', 'wire', 'nodad');
    }
    ip('-n', name, 'link', 'set', 'wire', 'up');
  }
  return {
    server: ['ip', 'netns', 'exec', server],
    client: ['ip', 'netns', 'exec', client],
    remove: () => {
      for (const name of [server, client]) ip('netns', 'delete', name);
    },
  };
}
