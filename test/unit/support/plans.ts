import type { ObjectSpec } from '../../../src/bpf/object/index.js';
import type { InternetSpec } from '../../../src/net/index.js';
import { parseAddress } from '../../../src/net/index.js';
import type {
  Capabilities,
  Config,
  FilterInput,
  IdentityRequest,
  IdentityStep,
  InterceptionRequest,
} from '../../../src/plan/index.js';
import type { Policy } from '../../../src/policy/index.js';
import { objectOf } from './objects.js';

/** A listener as it is asked for. */
export function listenerOf(address = '::', port = 4242, type: InternetSpec['type'] = 'stream'): InternetSpec {
  return { type, address: parseAddress(address), port };
}

/** What `alfwrapper FILTER true` asks for, with changes. */
export function configOf(changes: Partial<Config> = {}): Config {
  return {
    listeners: [listenerOf()],
    implied: false,
    fdnames: [],
    socketOptions: { 'ipv6-only': 0 },
    socketMode: 0o666,
    environment: [],
    entryFiles: [],
    entries: [],
    tier: 'auto',
    lock: true,
    identity: {},
    target: ['true'],
    ...changes,
  };
}

/** What `alfwrapper --intercept FILTER true` asks for, with changes. */
export function interceptionOf(changes: Partial<InterceptionRequest> = {}): InterceptionRequest {
  return {
    implied: false,
    undeclared: 'filter',
    declared: [],
    newPrivileges: false,
    verbose: false,
    ...changes,
  };
}

/** A filter with these maps. */
export function filterOf(spec: ObjectSpec = objectOf()): FilterInput {
  return { name: 'test', file: '/filters/test.bpf.o', spec, shipped: false, policy: undefined };
}

/** Rules that allow everybody: the smallest program there is. */
export const ALLOW_ALL: Policy = { rules: [], default: 'allow' };

/** Capability sets of an ordinary user. */
export const NOBODY = {
  uid: 65534,
  effective: 0n,
  permitted: 0n,
  inheritable: 0n,
  bounding: 0n,
  ambient: 0n,
};

/** The answer of a tier that works. */
export const YES = { works: true } as const;

/** The answer of a tier that is refused. */
export const NO = { works: false, errno: 'EPERM', reason: 'operation not permitted' } as const;

const WWW = { name: 'www-data', uid: 33, gid: 33, home: '/var/www', shell: '/usr/sbin/nologin' };
const ROOT = { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash' };

/** What the user and group databases of that machine say of a request. */
export function accountsOf({ user, group }: IdentityRequest): Capabilities['accounts'] {
  const account = [WWW, ROOT].find(({ name, uid }) => user === name || user === String(uid));
  const gid = /^\d+$/.test(group ?? '') ? Number(group) : { adm: 4, 'www-data': 33 }[group ?? ''];
  const primary = gid ?? account?.gid ?? 0;
  return { user: account, group: gid, groups: account === WWW ? [primary, 4, 100] : [primary] };
}

/** A machine on which everything works, with the interfaces lo (1) and eth0 (2), and the users root and www-data. */
export function capabilitiesOf(changes: Partial<Capabilities> = {}): Capabilities {
  return {
    credentials: NOBODY,
    capabilityNumbers: {
      CAP_BPF: 39,
      CAP_NET_ADMIN: 12,
      CAP_NET_BIND_SERVICE: 10,
      CAP_NET_RAW: 13,
      CAP_PERFMON: 38,
      CAP_SETGID: 6,
      CAP_SETPCAP: 8,
      CAP_SETUID: 7,
      CAP_SYS_ADMIN: 21,
      CAP_SYS_PTRACE: 19,
    },
    tiers: { ebpf: YES, classic: { tcp: YES, udp: YES }, steer: YES },
    interception: { fetch: YES, notify: YES, create: undefined, ptraceScope: 0, localPorts: [32768, 60999] },
    inherited: [],
    optmemMax: 131072,
    hasIpv6: true,
    machine: 'x86_64',
    interfaces: new Map([
      ['lo', { index: 1, master: undefined }],
      ['eth0', { index: 2, master: undefined }],
      ['port0', { index: 3, master: 'br0' }],
    ]),
    accounts: { user: undefined, group: undefined, groups: [] },
    ...changes,
  };
}

/** One step of each kind to another identity. */
export const EVERY_STEP: readonly IdentityStep[] = [
  { step: 'setgroups', groups: [33, 4] },
  { step: 'setgid', gid: 33 },
  { step: 'dropBounding', capabilities: [0, 39] },
  { step: 'setuid', uid: 33 },
  { step: 'dropCapabilities' },
  { step: 'umask', mask: 0o27 },
  { step: 'chdir', directory: '/srv' },
  { step: 'noNewPrivs' },
];
