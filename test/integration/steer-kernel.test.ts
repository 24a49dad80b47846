import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { interpret, type Program, viewPacket } from '../../src/bpf/cbpf/index.js';
import { compilePolicy } from '../../src/compile/classic/index.js';
import { AlfError } from '../../src/errors/index.js';
import { evaluate, type Packet, type Policy } from '../../src/policy/index.js';
import { PolicyCases } from '../support/policy-cases.js';
import { policyText } from '../support/policy-text.js';
import { hasEnded } from '../support/processes.js';
import { Random, seedOf } from '../support/random.js';
import { describeWith } from '../support/requires.js';
import { fixture, installed, start } from '../support/run.js';
import { type Syn, SynSender } from '../support/steer-kernel.js';
import { encodePacket } from '../support/wire.js';

const POLICIES = 60;
const PACKETS = 200;
const PORTS = 4;
const DEVICES = ['syn0', 'syn1'] as const;
const TCP = 6;

/** Addresses that exist behind the devices; the next bit says on which side of them. */
const within = { 4: [10n << 24n, 8], 6: [0x20010db8n << 96n, 32] } as const;
const SIDE = { 4: 1, 6: 4 } as const;

/** A policy, where it is in force and the packets it is tried with. */
interface Trial {
  readonly policy: Policy;
  readonly program: Program;
  readonly ports: readonly number[];
  readonly packets: readonly Packet[];
}

/** Random policies that fit into a program, and packets that no two times open the same connection. */
class Trials {
  readonly #random: Random;
  readonly #cases: PolicyCases;
  readonly #ifindexOf: ReadonlyMap<string, number>;

  constructor(random: Random, ifindexOf: ReadonlyMap<string, number>) {
    this.#random = random;
    this.#cases = new PolicyCases(random, { ifnames: DEVICES, protocols: [TCP, 17], ports: true, within });
    this.#ifindexOf = ifindexOf;
  }

  next(): Trial {
    const policy = this.#cases.policy(this.#random.pick([1, 3, 10, 30]));
    const program = this.#compile(policy);
    if (program === undefined) return this.next();
    const ports = new Set<number>();
    while (ports.size < PORTS) ports.add(this.#packet([]).destinationPort);
    const packets = new Map<string, Packet>();
    while (packets.size < PACKETS) {
      const packet = this.#packet([...ports]);
      const { source, sourcePort, destination, destinationPort } = packet;
      packets.set(`${source} ${sourcePort} ${destination} ${destinationPort}`, packet);
    }
    return { policy, program, ports: [...ports], packets: [...packets.values()] };
  }

  #compile(policy: Policy): Program | undefined {
    try {
      const target = { mode: 'reuseport', protocol: 'tcp', allow: 1, deny: 0 } as const;
      return compilePolicy(policy, { ...target, ifindexOf: this.#ifindexOf }).program;
    } catch (error) {
      expect(error).toBeInstanceOf(AlfError);
      expect(error).toHaveProperty('code', 'ALF_CAPACITY');
      return undefined;
    }
  }

  /** @param ports it goes to one of these; to any if there is none */
  #packet(ports: readonly number[]): Packet {
    let packet = this.#cases.packet();
    while (packet.protocol !== TCP) packet = this.#cases.packet();
    const { family, source, destination, destinationPort } = packet;
    return {
      ...packet,
      source: source.map((byte, i) => (i === SIDE[family] ? byte & 0x7f : byte)),
      destination: destination.map((byte, i) => (i === SIDE[family] ? byte | 0x80 : byte)),
      destinationPort: ports.length === 0 ? destinationPort : this.#random.pick(ports),
    };
  }
}

describeWith(['root'], 'evaluate = vm = kernel on tier steer', () => {
  const directory = mkdtempSync(join(tmpdir(), 'alfwrapper-steer-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it(`for ${POLICIES * PACKETS} connection attempts at what a launch has opened`, {
    timeout: 180_000,
  }, async () => {
    const random = new Random(seedOf('connection attempts on steer'));
    const sender = await SynSender.create();
    const ifindexOf = new Map<string, number>(DEVICES.map((name, i) => [name, sender.ifindexes[i] ?? 0]));
    const trials = new Trials(random, ifindexOf);
    const seen = { allow: 0, deny: 0 };
    try {
      for (let i = 0; i < POLICIES; i++) {
        const { policy, program, ports, packets } = trials.next();
        const file = join(directory, 'policy');
        writeFileSync(file, policyText(policy));
        const listen = ports.flatMap((port) => ['--listen', String(port)]);
        const argv = ['--tier', 'steer', ...listen, '--policy', file, '--', fixture('echo')];
        const daemon = start([...sender.inside, installed('alfwrapper'), ...argv]);
        await daemon.until(/ready/);

        const burst = packets.map((packet): Syn => {
          // Below the greatest hop limit the sink's shield drops it, at the greatest its full queue.
          const wire = { options: 0, extensions: 0, payload: [], hops: random.pick([64, 255]) };
          return { device: packet.ifname === 'syn0' ? 0 : 1, bytes: encodePacket(packet, wire) };
        });
        const verdicts = packets.map((packet) => evaluate(policy, packet).verdict);
        const expected = verdicts.map((verdict) => (verdict === 'allow' ? 'A' : '-')).join('');
        const machine = packets.map((packet, j) => {
          const view = viewPacket(
            burst[j]?.bytes ?? new Uint8Array(),
            'reuseport',
            ifindexOf.get(packet.ifname) ?? 0,
          );
          return interpret(program, view).verdict === 1 ? 'A' : '-';
        });
        const dropped = verdicts.filter((verdict) => verdict === 'deny').length;
        expect({ policy: i, answers: machine.join('') }).toEqual({ policy: i, answers: expected });
        const came = { ...(await sender.send(burst)), alive: !hasEnded(daemon.pid) };
        expect({ policy: i, ...came }).toEqual({ policy: i, answers: expected, dropped, alive: true });
        seen.allow += packets.length - dropped;
        seen.deny += dropped;
        await daemon.kill('SIGKILL');
      }
    } finally {
      sender.close();
    }
    console.log(`${seen.allow} allowed, ${seen.deny} denied`);
    expect(Math.min(seen.allow, seen.deny)).toBeGreaterThan((POLICIES * PACKETS) / 20);
  });
});
