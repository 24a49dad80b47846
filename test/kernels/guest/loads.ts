/** Directory of the objects in a guest: /objects/COMPILER/NAME.bpf.o. */
export const OBJECTS = '/objects';

/** List of the programs of all objects, as JSON. The host reads the objects: under emulation that takes seconds. */
export const PROGRAMS = '/checks/programs.json';

/** A program of an object. */
export interface Program {
  readonly compiler: string;
  readonly object: string;
  readonly program: string;
}

/** What came of loading one program of an object. */
export interface Load extends Program {
  readonly ms: number;
  /** How many instructions the verifier went through; since Linux 5.16. */
  readonly insns?: number;
  /** Why it was refused. */
  readonly refused?: string;
  /** It is the program that reads in place, and the kernel or a capability for that is missing: the product loads the other one. */
  readonly unsuited?: true;
  /** The end of what the verifier said. */
  readonly log?: readonly string[];
}

/** Loads of all objects, and how long the smallest program takes here. */
export interface Loads {
  readonly smallestMs: number;
  readonly loads: readonly Load[];
}
