/**
 * What would help against an error where that is an option of the command line: rooms below `cli` know what is wanted, and
 * not how it is asked for. `cli` words it as a hint.
 */
export type Remedy =
  /** Enforce the rules on another tier: one that takes any number, or one that needs no privilege for TCP, or for UDP. */
  | { readonly kind: 'use tier'; readonly tier: 'ebpf' | 'steer' | 'classic' }
  /** Leave the choice of the tier to alfwrapper. */
  | { readonly kind: 'any tier' }
  /** Open the listeners here, rather than have them passed in; `orLend` if CAP_BPF would help as well. */
  | { readonly kind: 'open listeners'; readonly orLend: boolean }
  /** Name a listener to be opened here, rather than by the program. */
  | { readonly kind: 'give listener' }
  /** Lock filters. */
  | { readonly kind: 'lock' }
  /** Keep the target from gaining privileges. */
  | { readonly kind: 'forbid new privileges' }
  /** Do not share the address of a listener. */
  | { readonly kind: 'own address' }
  /** Leave it to the permissions of its file who connects to a UNIX socket. */
  | { readonly kind: 'rely on permissions' }
  /** Do without locks, and so without the guard. */
  | { readonly kind: 'no lock' }
  /** Say which group a user without an entry is in. */
  | { readonly kind: 'name group'; readonly user: string }
  /** Stay the present user and group. */
  | { readonly kind: 'same user' }
  /** Keep the target from gaining privileges, rather than drop all capabilities. */
  | { readonly kind: 'no new privileges' }
  /** Have connections accepted, for a target that takes one socket. */
  | { readonly kind: 'accept connections' }
  /** Pass a datagram socket on as it is. */
  | { readonly kind: 'pass datagrams' }
  /** Name the listeners of the command line. */
  | { readonly kind: 'name listeners' }
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
  | { readonly kind: 'give packet' }
  /** Say which file has the process of a service that forks. */
  | { readonly kind: 'name pid file' }
  /** Lend a service CAP_BPF. */
  | { readonly kind: 'lend capability' };

/** What helps: a hint, a remedy, or both. */
export interface Advice {
  readonly hint?: string;
  readonly remedy?: Remedy;
}
