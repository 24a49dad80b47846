import { existsSync, readFileSync } from 'node:fs';
import type { Attempt } from './client.js';
import { dnsExchange } from './exchanges.js';

const UNITS = '/lib/systemd/system';

/** A service of Debian, as its package installs it. */
export interface DebianService {
  /** Name of its unit. */
  readonly unit: string;
  /** Name of its unit file, if that is another one. */
  readonly file?: string;
  /** The text of its unit file, if no package has it. */
  readonly text?: string;
  /** Options of `alfwrapper unit` besides the rules. */
  readonly options?: readonly string[];
  /** A command line that makes it listen on all addresses, and that does what is done at boot. All else is the package's. */
  readonly setUp?: string;
  readonly port: number;
  /** Whether it answers over UDP as well. */
  readonly udp?: true;
  readonly exchange: (protocol: 'tcp' | 'udp') => NonNullable<Attempt['exchange']>;
  /** Without a reload: its unit has none, or the program ends at SIGHUP, with alfwrapper or without. */
  readonly reloads?: false;
  /** The name of its main process. */
  readonly comm: string;
}

const HTTP = { request: 'GET / HTTP/1.0\r\n\r\n', part: 'HTTP/1.' };

/** The start of a session in a version of the protocol that is not supported: the answer says so. */
const POSTGRESQL = { request: '\0\0\0\x08\0\x01\0\0', part: 'unsupported frontend protocol' };

/** The settings of prometheus.service in Debian. The program is the exporter: Prometheus has 96 MB. */
const PROMETHEUS = `[Unit]
Description=Hardened as Prometheus
After=time-sync.target

[Service]
Restart=on-failure
User=prometheus
EnvironmentFile=/etc/default/prometheus-node-exporter
ExecStart=/usr/bin/prometheus-node-exporter $ARGS
ExecReload=/bin/kill -HUP $MAINPID
TimeoutStopSec=20s
SendSIGKILL=no
AmbientCapabilities=
CapabilityBoundingSet=
DeviceAllow=/dev/null rw
DevicePolicy=strict
LimitMEMLOCK=0
LimitNOFILE=32768
LockPersonality=true
MemoryDenyWriteExecute=true
NoNewPrivileges=true
PrivateDevices=true
PrivateTmp=true
PrivateUsers=true
ProtectControlGroups=true
ProtectHome=true
ProtectKernelModules=true
ProtectKernelTunables=true
ProtectSystem=full
RemoveIPC=true
RestrictNamespaces=true
RestrictRealtime=true
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`;

/** The services that `alfwrapper unit` is tested on. */
export const DEBIAN_SERVICES: readonly DebianService[] = [
  { unit: 'nginx.service', port: 80, exchange: () => HTTP, comm: 'nginx' },
  {
    unit: 'redis-server.service',
    setUp: "sed -i 's/^bind .*/bind * -::*/; s/^protected-mode yes/protected-mode no/' /etc/redis/redis.conf",
    port: 6379,
    exchange: () => ({ request: 'PING\r\n', part: '+PONG' }),
    reloads: false,
    comm: 'redis-server',
  },
  {
    unit: 'postgresql@15-main.service',
    file: 'postgresql@.service',
    setUp: `echo "listen_addresses = '*'" >/etc/postgresql/15/main/conf.d/listen.conf
      install -d -o postgres -g postgres /run/postgresql`,
    port: 5432,
    exchange: () => POSTGRESQL,
    comm: 'postgres',
  },
  {
    unit: 'ssh.service',
    port: 22,
    exchange: () => ({ request: 'SSH-2.0-test\r\n', part: 'SSH-2.0-OpenSSH' }),
    comm: 'sshd',
  },
  {
    unit: 'apache2.service',
    options: ['--pid-file', '/run/apache2/apache2.pid'],
    port: 80,
    exchange: () => HTTP,
    comm: 'apache2',
    setUp: 'mkdir /run/apache2 /run/lock/apache2',
  },
  {
    unit: 'dnsmasq.service',
    setUp: 'echo address=/alfwrapper.test/192.0.2.1 >/etc/dnsmasq.d/test.conf',
    port: 53,
    udp: true,
    exchange: dnsExchange,
    comm: 'dnsmasq',
  },
  {
    unit: 'prometheus-node-exporter.service',
    port: 9100,
    exchange: () => HTTP,
    reloads: false,
    comm: 'prometheus-node',
  },
  {
    unit: 'prometheus.service',
    file: 'prometheus-node-exporter.service',
    text: PROMETHEUS,
    port: 9100,
    exchange: () => HTTP,
    reloads: false,
    comm: 'prometheus-node',
  },
];

/** The unit file of a service by its name, unchanged. */
export function unitFilesOf({ unit, file, text }: DebianService): Record<string, string> {
  if (text !== undefined) return { [unit]: text };
  return { [file ?? unit]: readFileSync(`${UNITS}/${file ?? unit}`, 'utf8') };
}

/** Why this machine cannot run them; undefined if it can. */
export function missingService(): string | undefined {
  const missing = DEBIAN_SERVICES.find(({ unit, file }) => !existsSync(`${UNITS}/${file ?? unit}`));
  return missing === undefined ? undefined : `no ${missing.unit} of Debian`;
}
