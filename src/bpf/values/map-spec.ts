import type { MapKind } from './map-kind.js';
import type { ValueType } from './value-type.js';

/** A map as its object, or BCC, describes it. */
export interface MapSpec {
  readonly name: string;
  readonly kind: MapKind;
  /** How many entries it takes; 0 if the declaration leaves it to the creator. */
  readonly maxEntries: number;
  /** Types of a key and of a value; opaque ones of size 0 where a map of this kind has none. */
  readonly key: ValueType;
  readonly value: ValueType;
}
