import fc from 'fast-check';
import { checkProgram, interpret, type Mode, viewPacket } from '../../src/bpf/cbpf/index.js';
import { compilePolicy } from '../../src/compile/classic/index.js';
import { encodePolicy, lookup } from '../../src/compile/table/index.js';
import { AlfError, type ErrorCode } from '../../src/errors/index.js';
import { parseAddress } from '../../src/net/index.js';
import {
  evaluate,
  formatPolicy,
  interfaceNames,
  listNeeds,
  type Packet,
  type Policy,
  type PolicyInputs,
  type PolicySource,
  parsePolicy,
  resolvePolicy,
} from '../../src/policy/index.js';
import { modelPacket, toPacket } from '../support/policy-model.js';
import { encodePacket } from '../support/wire.js';
import { ruleText } from './rule-text.js';

const PROTOCOLS = { tcp: 6, udp: 17 } as const;
const MODES: readonly Mode[] = ['socket', 'reuseport'];
const WIRE = { options: 0, extensions: 0, payload: [] };

/** What happened to the texts so far. */
export interface Tally {
  texts: number;
  parsed: number;
  resolved: number;
  /** Packets that were judged three times. */
  judged: number;
}

export const emptyTally = (): Tally => ({ texts: 0, parsed: 0, resolved: 0, judged: 0 });

const packets = fc.array(modelPacket.map(toPacket), { minLength: 1, maxLength: 6 });

/** Addresses of host names and lines of set files, good ones and bad ones. */
const outside = fc.record({
  hosts: fc.array(fc.constantFrom('10.0.0.1', '::1', '2001:db8::1', '::ffff:9.9.9.9'), { maxLength: 3 }),
  file: fc.oneof(
    fc.constantFrom(
      '',
      '10.0.0.0/8\n',
      '::/0',
      '1.2.3.4-1.2.3.9 # x\nfd00::/8',
      '300.1.1.1',
      'add x 1.2.3.4',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
  ),
});

/**
 * Whatever the text: it is refused with an AlfError, or it is a policy that means the same to `evaluate`, to the
 * programs it compiles to and to the image it encodes to.
 */
export function rulesProperty(tally: Tally) {
  return fc.property(ruleText, outside, packets, (text, { hosts, file }, packets) => {
    tally.texts++;
    const source = attempt(['ALF_RULE'], () => parsePolicy(text, 'fuzz'));
    if (source === undefined) return;
    tally.parsed++;
    const canonical = formatPolicy(source);
    if (formatPolicy(parsePolicy(canonical, 'fuzz')) !== canonical) throw new Error('format is not stable');
    const policy = attempt(['ALF_RULE'], () => resolvePolicy(source, inputsFor(source, hosts, file)).policy);
    if (policy === undefined) return;
    tally.resolved++;
    compareBackEnds(policy, packets, tally);
  });
}

function inputsFor(source: PolicySource, hosts: readonly string[], file: string): PolicyInputs {
  const needs = listNeeds(source);
  return {
    files: new Map(needs.files.map(({ name }) => [name, new TextEncoder().encode(file)])),
    interfaces: new Map(),
    hosts: new Map(needs.hosts.map(({ name }) => [name, hosts.map(parseAddress)])),
  };
}

function compareBackEnds(policy: Policy, packets: readonly Packet[], tally: Tally): void {
  const ifindexOf = new Map(
    [...interfaceNames(policy), 'lo', 'eth0', 'wg-0'].map((name, i) => [name, i + 1]),
  );
  const image = attempt(['ALF_MAP'], () => encodePolicy(policy, { interfaces: ifindexOf }));
  for (const packet of packets) {
    const { verdict, rule } = evaluate(policy, packet);
    const index = rule === undefined ? -1 : policy.rules.indexOf(rule);
    const found = image && lookup(image, packet, ifindexOf.get(packet.ifname) ?? 0);
    if (found && (found.verdict !== verdict || found.rule !== index)) {
      throw new Error(`the image says ${JSON.stringify(found)}, not ${verdict} by rule ${index}`);
    }
  }
  for (const mode of MODES) {
    for (const protocol of ['tcp', 'udp'] as const) {
      const [allow, deny] = mode === 'socket' ? [0xffffffff, 0] : [1, 0];
      const compiled = attempt(['ALF_CAPACITY'], () =>
        compilePolicy(policy, { mode, protocol, allow, deny, ifindexOf }),
      );
      if (compiled === undefined) continue;
      const fault = checkProgram(compiled.program);
      if (fault !== undefined) throw new Error(`the checker says ${JSON.stringify(fault)}`);
      for (const packet of packets.filter((packet) => packet.protocol === PROTOCOLS[protocol])) {
        const view = viewPacket(encodePacket(packet, WIRE), mode, ifindexOf.get(packet.ifname) ?? 0);
        const verdict = interpret(compiled.program, view).verdict === allow ? 'allow' : 'deny';
        if (verdict !== evaluate(policy, packet).verdict) {
          throw new Error(`the ${mode} program for ${protocol} says ${verdict} to ${JSON.stringify(packet)}`);
        }
        tally.judged++;
      }
    }
  }
}

/** The result, or undefined if it was refused as it may be; any other error goes on. */
function attempt<T>(codes: readonly ErrorCode[], make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof AlfError && codes.includes(error.code)) return undefined;
    throw error;
  }
}
