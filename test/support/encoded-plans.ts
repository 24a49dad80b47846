import { parseRecord } from '../../src/exec/index.js';
import { loadOps } from '../../src/kernel/index.js';
import { changesOf } from '../../src/launch/changes.js';
import { encodePlan, encodeTarget } from '../../src/launch/index.js';
import { parseListenSpec } from '../../src/net/index.js';
import { type Config, makePlan, type Plan } from '../../src/plan/index.js';
import {
  ALLOW_ALL,
  capabilitiesOf,
  configOf,
  EVERY_STEP,
  filterOf,
  interceptionOf,
  NOBODY,
} from '../unit/support/plans.js';

const INSN_BYTES = 8;

const RULES = { ...filterOf(), policy: ALLOW_ALL };

/** Plans that have something of everything between them. */
function plans(): Plan[] {
  const listen = (specs: readonly string[], changes: Partial<Config> = {}) =>
    makePlan(configOf({ listeners: specs.map(parseListenSpec), ...changes }), RULES, capabilitiesOf());
  const inherited = ['tcp:80', 'udp:127.0.0.1:53', 'unix:/run/x'].map((spec, i) => ({
    name: `s${i}`,
    spec: parseListenSpec(spec),
  }));
  return [
    listen([]),
    listen(['tcp:80', 'udp:127.0.0.1:53']),
    listen(['tcp:80', 'tcp:127.0.0.1:81'], { tier: 'steer' }),
    listen(['tcp:80', 'udp:53'], { tier: 'classic', socketOptions: { 'bind-to-device': 'eth0' } }),
    listen(['unix:/run/a', 'unix:@b', 'unix-dgram:/run/c', 'unix-seqpacket:/run/d']),
    makePlan(configOf({ listeners: [] }), RULES, capabilitiesOf({ inherited })),
    ...(['ebpf', 'classic', 'steer'] as const).map((tier) =>
      listen([], {
        tier,
        interception: interceptionOf({ declared: ['tcp:80', 'udp:127.0.0.1:53'].map(parseListenSpec) }),
      }),
    ),
    { ...listen(['tcp:80'], { tier: 'steer' }), identity: { steps: EVERY_STEP } },
  ];
}

/** Valid plans and targets as the runtime takes them, one after the other. */
export function encodedPlans(): Uint8Array {
  const { constants } = loadOps(process.cwd(), process.dlopen).core;
  const encoded = plans().map((plan, i) =>
    encodePlan(
      { ...plan, guard: '00'.repeat(i * INSN_BYTES) },
      {
        constants,
        changes: changesOf(plan, constants, NOBODY),
        companion: '/usr/lib/alf-companion',
      },
    ),
  );
  const targets = ['0,1,2,', '0,2,4,9,', ''].map((descriptors, i) =>
    encodeTarget({
      path: Buffer.from('/bin/true'),
      argv: Array.from({ length: i }, (_, n) => Buffer.from(`argument ${n}`)),
      environment: ['A=1', 'LONGER=value of it', 'empty='].map((text) => Buffer.from(text)),
      record: parseRecord(`3 4 5:6 ${descriptors}`),
    }),
  );
  return Buffer.concat([...encoded, ...targets]);
}
