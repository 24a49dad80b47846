import { AlfError, quote } from '../../errors/index.js';
import type { AddressSet, Rule } from '../../policy/index.js';
import { type Edges, edgesOf32, edgesOf128, edgesOfNumbers, edgesOfPoints } from '../../policy/index.js';
import { Field } from './layout.js';

/** What an image needs to know beside the policy. */
export interface EncodeOptions {
  /** Indexes of the interfaces that rules name. */
  readonly interfaces?: ReadonlyMap<string, number>;
  /** Which bank of pages and counters the image is for; the image in force has the other. */
  readonly bank?: 0 | 1;
}

/** Whether a rule asks anything of a field. */
export function looksAt(rule: Rule, field: Field): boolean {
  return rule.match[partOf(field)] !== undefined;
}

/** Whether a rule asks anything of another field; the two families of an address are one field here. */
export function looksBeyond(rule: Rule, field: Field): boolean {
  return Object.values(Field).some((other) => partOf(other) !== partOf(field) && looksAt(rule, other));
}

/**
 * The values of a field that a rule matches.
 *
 * @throws AlfError ALF_ENTRY for an interface that is not known
 */
export function edgesOf(rule: Rule, field: Field, options: EncodeOptions): Edges {
  const { match } = rule;
  switch (field) {
    case Field.source4:
      return edgesOf32((match.source ?? NO_ADDRESSES).v4);
    case Field.source6:
      return edgesOf128((match.source ?? NO_ADDRESSES).v6);
    case Field.destination4:
      return edgesOf32((match.destination ?? NO_ADDRESSES).v4);
    case Field.destination6:
      return edgesOf128((match.destination ?? NO_ADDRESSES).v6);
    case Field.interface:
      return edgesOfPoints((match.interfaces ?? []).map((name) => ifindexOf(name, options)));
    case Field.protocol:
      return edgesOfPoints(match.protocols ?? []);
    case Field.sourcePort:
      return edgesOfNumbers(match.sourcePorts ?? []);
    case Field.destinationPort:
      return edgesOfNumbers(match.destinationPorts ?? []);
  }
}

const NO_ADDRESSES: AddressSet = { v4: new Uint32Array(), v6: new BigUint64Array() };

const PARTS = [
  'source',
  'source',
  'destination',
  'destination',
  'interfaces',
  'protocols',
  'sourcePorts',
  'destinationPorts',
] as const;

function partOf(field: Field): (typeof PARTS)[number] {
  return PARTS[field] ?? 'source';
}

function ifindexOf(name: string, options: EncodeOptions): number {
  const ifindex = options.interfaces?.get(name);
  if (ifindex === undefined) {
    throw new AlfError('ALF_ENTRY', `no such interface: ${quote(name)}`, {
      hint: 'a rule on an interface needs the interface to exist when the policy is loaded',
    });
  }
  return ifindex;
}
