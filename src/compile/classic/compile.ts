import type { Mode, Program } from '../../bpf/cbpf/index.js';
import { checkProgram, layOut, programBytes } from '../../bpf/cbpf/index.js';
import { etherTypes, protocols } from '../../net/index.js';
import { type AddressSet, edgesOfPoints, type Policy, type Rule } from '../../policy/index.js';
import { type AddressSpace, space4, space6 } from './address-space.js';
import { blocksOf } from './blocks.js';
import { candidatesOf, type MatchContext } from './candidate.js';
import { checkCapacity, checkDecisions } from './capacity.js';
import { decideFamily, fieldsBelow, type Verdicts } from './family.js';
import { type Field, loadNextHeader, loadProtocol, storeCommonFields, storeFamilyFields } from './field.js';
import { fuseSearches } from './fuse.js';
import { Graph, type Load, type NodeId } from './graph.js';
import { intervalsOf } from './membership.js';

/** What a policy is compiled for. */
export interface Target extends MatchContext {
  readonly mode: Mode;
  /**
   * What the program returns for an allowed packet, unsigned 32-bit: `0xffffffff` keeps all of it in socket mode, in
   * reuseport mode it is the index of the listener in its group.
   */
  readonly allow: number;
  /**
   * What it returns for a denied one. In both modes 0 is also what a load outside the packet gives: 0 it should be,
   * and the sink the first of its group.
   */
  readonly deny: number;
  /** `net.core.optmem_max` in bytes, where it is known. */
  readonly optmemMax?: number | undefined;
}

/** A policy as a program. */
export interface CompiledPolicy {
  readonly program: Program;
  /** What a listing says about the instruction of the same index. */
  readonly notes: () => readonly (string | undefined)[];
  readonly mode: Mode;
  /** Socket option memory it is charged with, in bytes. */
  readonly bytes: number;
}

/**
 * Compiles a policy to a classic program that gives each packet the verdict that the policy means.
 *
 * The ethertype leads to one balanced search tree per family over the source address, IPv6 word by word; what is
 * left open there (interface, ports, destination) is asked rule by rule, in order, from scratch cells that are
 * filled once. Packets that are neither IPv4 nor IPv6 are denied. IPv6 packets from or to `::ffff:a.b.c.d` are
 * judged as the IPv4 address.
 *
 * A reuseport program cannot find ports behind IPv6 extension headers: where any rule asks for a port, such packets
 * are denied. A socket filter finds them.
 *
 * Interfaces are compared by index: a new interface of that name has another, and no rule that names it matches.
 *
 * @throws AlfError ALF_CAPACITY if the program would not fit; ALF_RULE for an interface without an index
 */
export function compilePolicy(policy: Policy, target: Target): CompiledPolicy {
  const graph = new Graph();
  const allow = graph.verdict(target.allow, 'allow');
  const deny = graph.verdict(target.deny, 'deny');
  const verdicts: Verdicts = { allow, deny };

  for (const count of [countRanges(policy.rules, 'v4') / 2, countRanges(policy.rules, 'v6') / 4]) {
    checkDecisions(count);
  }
  const otherwise = verdicts[policy.default];
  const decide = (space: AddressSpace): NodeId => {
    const candidates = candidatesOf(policy.rules, space, target);
    return fuseSearches(graph, decideFamily(graph, candidates, space, verdicts, otherwise));
  };
  const root4 = decide(space4);
  const root6 = decide(space6);
  const root = dispatch(graph, root4, root6, deny, target);

  const steps = layOut(blocksOf(graph, root));
  const program = steps.map(({ insn }) => insn);
  checkCapacity(program, target.mode, target.optmemMax);
  const fault = checkProgram(program);
  if (fault !== undefined) throw new Error(`compiled program, instruction ${fault.at}: ${fault.reason}`);
  return {
    program,
    notes: () => steps.map(({ note }) => (typeof note === 'function' ? note() : note)),
    mode: target.mode,
    bytes: programBytes(program),
  };
}

function countRanges(rules: readonly Rule[], family: 'v4' | 'v6'): number {
  const lengthOf = (set: AddressSet | undefined): number => set?.[family].length ?? 0;
  return rules.reduce((sum, { match }) => sum + lengthOf(match.source) + lengthOf(match.destination), 0);
}

/** The start of the program: which family it is, and the fields that its rules ask for. */
function dispatch(graph: Graph, root4: NodeId, root6: NodeId, deny: NodeId, target: Target): NodeId {
  const wanted4 = fieldsBelow(graph, root4);
  const wanted6 = fieldsBelow(graph, root6);
  const used = new Set<Field>([...wanted4, ...wanted6]);
  const start4 = loadIfAny(graph, storeFamilyFields(wanted4, 4, target.mode), root4);
  let start6 = loadIfAny(graph, storeFamilyFields(wanted6, 6, target.mode), root6);
  const ports = wanted6.has('sourcePort') || wanted6.has('destinationPort');
  if (target.mode === 'reuseport' && ports) {
    const transport = edgesOfPoints([protocols[target.protocol]]);
    start6 = graph.decide(loadNextHeader, intervalsOf(transport, start6, deny));
  }
  const families = graph.decide(loadProtocol, [
    { first: 0, target: deny },
    { first: etherTypes[4], target: start4 },
    { first: etherTypes[4] + 1, target: deny },
    { first: etherTypes[6], target: start6 },
    { first: etherTypes[6] + 1, target: deny },
  ]);
  return loadIfAny(graph, storeCommonFields(used, target.mode), families);
}

function loadIfAny(graph: Graph, load: Load, next: NodeId): NodeId {
  return load.steps.length === 0 ? next : graph.load(load, next);
}
