import type { FilterTraits, ObjectSpec } from '../bpf/object/index.js';
import type { Image } from '../compile/table/index.js';
import type { Ops } from '../kernel/index.js';
import type { Plan } from '../plan/index.js';
import type { EngineName } from './dialect.js';
import type { FilterFile } from './find.js';

/** A filter that is in the kernel. */
export interface LoadedFilter {
  /** Descriptor of the program; it belongs to the filter. */
  readonly programFd: number;
  /** The id under which bpftool(8) knows the program. */
  readonly programId: number;
  /** The program as the kernel took it: array of `struct bpf_insn`, maps by their descriptors, which stay open. */
  instructions(): Uint8Array;
  /** Gives the descriptors back. A socket keeps its program, and the program its maps. */
  close(): void;
}

/**
 * What decides on packets, read and if need be compiled by an engine: it says what maps it has, and can be loaded.
 *
 * The opener closes it after what was loaded from it, also if the launch fails.
 */
export interface OpenedFilter {
  /** What opened it. */
  readonly engine: EngineName;
  readonly spec: ObjectSpec;
  /**
   * Brings it into the kernel, with its map entries, and the image of a policy where it judges by one.
   *
   * @param filter as planned from `spec`
   * @throws AlfError ALF_OBJECT if it cannot be taken as it is, ALF_VERIFIER if the kernel refuses the program, ALF_MAP if
   *   it refuses an entry. Nothing of the attempt is left open then.
   */
  load(filter: Plan['filter'], image?: Image): LoadedFilter;
  /** What a launch does not have to know. @throws AlfError ALF_OBJECT if its code is cut short */
  traits(): FilterTraits;
  /** Gives back what opening took. */
  close(): void;
}

/** A filter that was read, as an engine takes it. */
export interface SourceFile extends FilterFile {
  /** The bytes of the file. */
  readonly bytes: Uint8Array;
}

/** How a filter is to be opened. */
export interface OpenOptions {
  readonly engine: 'auto' | EngineName;
  /** Name of the function it starts at; undefined is `filter`, or the only program there is. */
  readonly entry: string | undefined;
}

/** What an engine may use of the world around it. */
export interface EngineContext {
  readonly ops: Ops;
  /** The package's directory. */
  readonly root: string;
  readonly pid: number;
  /** A variable of the environment; undefined if it is not set. */
  readonly variable: (name: string) => string | undefined;
  /** Takes one line about what was decided; undefined where reports are not wanted. */
  readonly report: ((line: string) => void) | undefined;
  /** Takes one line about what works but is not as it should be. */
  readonly warn: (line: string) => void;
}
