import { type Edges, type Policy, type Regions, type Rule, sweep } from '../../policy/index.js';
import { looksAt, looksBeyond } from './fields.js';
import type { Image } from './image.js';
import { Field } from './layout.js';
import { finalReference } from './reference.js';
import { States } from './states.js';

/**
 * Cuts the keys of a field into regions, and lays out the rows these need.
 *
 * @param edgesOf the values of the field that a rule matches
 * @param start where to begin, if not at the smallest key; edges before it must not be there
 */
export function regionsOf(
  image: Image,
  policy: Policy,
  field: Field,
  edgesOf: (rule: Rule) => Edges,
  start?: Uint32Array,
): Regions {
  const joining: number[] = [];
  const edges: Edges[] = [];
  const always: number[] = [];
  policy.rules.forEach((rule, i) => {
    if (looksAt(rule, field)) {
      joining.push(i);
      edges.push(edgesOf(rule));
    } else always.push(i);
  });
  const states = new States(image, policy.rules.length, {
    finalOf: (i) => {
      const rule = policy.rules[i];
      return rule === undefined || looksBeyond(rule, field) ? undefined : finalReference(rule.verdict, i);
    },
    otherwise: finalReference(policy.default, -1),
  });
  let state = states.of(always);
  return sweep(edges, start ?? new Uint32Array(widthOf(field)), {
    toggle: (set) => {
      state = states.toggle(state, joining[set] ?? 0);
    },
    result: () => states.referenceOf(state),
  });
}

/** 32-bit words of a field's keys. */
export function widthOf(field: Field): 1 | 4 {
  return field === Field.source6 || field === Field.destination6 ? 4 : 1;
}
