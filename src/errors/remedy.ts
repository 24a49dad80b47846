/**
 * What would help against an error where that is an option of the command line: rooms below `cli` know what is wanted, and
 * not how it is asked for. `cli` words it as a hint.
 */
export type Remedy =
  /** Enforce the rules on a tier that takes as many as there are. */
  | { readonly kind: 'use tier'; readonly tier: 'ebpf' }
  /** Say which of several programs a filter starts at. */
  | { readonly kind: 'name entry' }
  /** Say what a source is written for. */
  | { readonly kind: 'name engine' }
  /** Say something of a packet that rules ask for. */
  | {
      readonly kind: 'give field';
      readonly field: 'interface' | 'source port' | 'destination' | 'destination port';
    }
  /** Say on which packets a filter is tried. */
  | { readonly kind: 'give packet' };
