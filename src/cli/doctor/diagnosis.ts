/** A line that changes the answer. */
export interface Unlock {
  /** Where the line belongs: `in a system unit`. */
  readonly where: string;
  readonly line: string;
}

/** The line that lets a unit's seccomp filter pass all that a start does, on whichever tier; `@pkey` is for Node.js. */
export const SYSTEM_CALLS: Unlock = {
  where: 'in a system unit',
  line: 'SystemCallFilter=@system-service bpf seccomp @pkey',
};

/** The same for the seccomp profile of a container whose engine allows less. */
export const CONTAINER_CALLS: Unlock = {
  where: 'for a container',
  line: '--security-opt seccomp=FILE, a profile that allows bpf and seccomp',
};

/** What is to be said of a tier. */
export interface Diagnosis {
  readonly tier: 'ebpf' | 'classic' | 'steer';
  readonly protocols: readonly ('tcp' | 'udp')[];
  readonly works: boolean;
  /** Why it does not, one cause each. */
  readonly why: readonly string[];
  /** Lines for one place belong together; places are alternatives. */
  readonly unlock: readonly Unlock[];
  /** What is good to know although it works, or would. */
  readonly notes: readonly string[];
}

/** What is to be said of one matter: a Diagnosis before it is known of which tier. */
export type Finding = Omit<Diagnosis, 'tier' | 'protocols'>;

/** The finding that all is well. */
export function ok(notes: readonly string[] = [], unlock: readonly Unlock[] = []): Finding {
  return { works: true, why: [], unlock, notes };
}

/** The finding that something is not. */
export function failed(
  why: readonly string[],
  unlock: readonly Unlock[],
  notes: readonly string[] = [],
): Finding {
  return { works: false, why, unlock, notes };
}
