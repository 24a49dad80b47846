import type { Remedy } from '../errors/index.js';

/** A consequence for a unit that is started through alfwrapper. */
export interface Finding {
  readonly text: string;
  readonly remedy?: Remedy;
}
