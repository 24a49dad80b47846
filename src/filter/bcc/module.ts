import { ENTRY } from '../../bpf/object/index.js';
import { AlfError, quote } from '../../errors/index.js';
import { type BccOps, check, type Ops, OwnedFd } from '../../kernel/index.js';
import { warnings } from './diagnostics.js';
import { compileFailure, loadFailure } from './failure.js';
import type { ReadSource } from './source.js';
import { Table } from './table.js';

/** A function that is in the kernel as a socket filter. */
export interface LoadedFunction {
  /** Descriptor of the program. */
  readonly fd: number;
  /**
   * Puts the filter on a socket, in place of the one it may have. The socket keeps it when everything here is closed.
   *
   * @param socket its descriptor
   * @throws AlfError ALF_SOCKET
   */
  attach(socket: number): void;
  /** Gives the descriptor back; a second call does nothing. */
  close(): void;
}

/**
 * Compiled C in BCC's dialect, with its tables in the kernel.
 *
 * It holds descriptors until it is closed. What a program or a socket uses lives on.
 */
export class BccModule {
  readonly #ops: Ops;
  readonly #bcc: BccOps;
  readonly #programs: LoadedFunction[] = [];
  #handle: number | undefined;
  /** Names of the functions that can be loaded. */
  readonly functions: readonly string[];
  /** In the order of their names. */
  readonly tables: readonly Table[];
  /** What the compiler warns of; one line each. */
  readonly warnings: readonly string[];

  /** @param handle of the module, which belongs to this from now on, whether or not it can be made */
  constructor(ops: Ops, handle: number, warnings: readonly string[]) {
    this.#ops = ops;
    this.#bcc = ops.bcc();
    this.#handle = handle;
    this.warnings = warnings;
    try {
      this.functions = this.#bcc.moduleFunctions(handle);
      const tables = this.#bcc.moduleTables(handle);
      this.tables = tables.map((table) => new Table(ops, table, () => void this.#opened()));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The licence it declares to the kernel: GPL, unless the source defines BPF_LICENSE. */
  get license(): string {
    return this.#bcc.moduleLicense(this.#opened());
  }

  /** The instructions of one of its functions, tables in them by their descriptors. */
  code(name: string): Uint8Array {
    return this.#bcc.moduleCode(this.#opened(), name);
  }

  /** @throws AlfError ALF_ENTRY, naming the tables there are */
  table(name: string): Table {
    const found = this.tables.find((table) => table.name === name);
    if (found !== undefined) return found;
    const names = this.tables.map((table) => table.name).join(', ') || 'none';
    throw new AlfError('ALF_ENTRY', `there is no table ${quote(name)}`, { hint: `its tables are: ${names}` });
  }

  /**
   * Loads a function as a socket filter. Needs CAP_BPF. It is closed with the module, or before.
   *
   * @param shown what to call it in a message
   * @throws AlfError ALF_OBJECT if there is no such function, ALF_VERIFIER if the kernel refuses it
   */
  load(name = ENTRY, shown = name): LoadedFunction {
    const handle = this.#opened();
    if (!this.functions.includes(name)) {
      const names = this.functions.join(', ') || 'none';
      throw new AlfError('ALF_OBJECT', `the filter has no function ${name} (it has: ${names})`, {
        hint: 'the entry of a filter is: uint32_t filter(struct __sk_buff *skb)',
      });
    }
    this.#bcc.takeLog();
    const fd = this.#bcc.moduleLoad(handle, name);
    if (fd < 0) throw loadFailure(fd, this.#bcc.takeLog(), shown);
    const program = loaded(this.#ops, fd);
    this.#programs.push(program);
    return program;
  }

  /** A function as it is loaded: array of `struct bpf_insn`, tables by their descriptors. */
  instructions(name: string): Uint8Array {
    return this.#bcc.moduleInstructions(this.#opened(), name);
  }

  /** Gives all descriptors back, those of loaded functions too; a second call does nothing. */
  close(): void {
    for (const program of this.#programs.splice(0)) program.close();
    if (this.#handle !== undefined) this.#bcc.moduleClose(this.#handle);
    this.#handle = undefined;
  }

  #opened(): number {
    if (this.#handle === undefined) throw new AlfError('ALF_NATIVE', 'the module is used after close');
    return this.#handle;
  }
}

/**
 * Compiles a source and creates its tables.
 *
 * @param kernel directory of a kernel's source, or of what stands in for it
 * @throws AlfError ALF_COMPILE with clang's first error, ALF_MAP if the kernel refuses a table, ALF_NATIVE without libbcc
 */
export function compileModule(ops: Ops, source: ReadSource, kernel: string): BccModule {
  const bcc = ops.bcc();
  bcc.takeLog();
  const handle = bcc.moduleCompile(source.shown, source.text, source.flags, kernel);
  const said = bcc.takeLog();
  if (handle < 0) throw compileFailure(handle, said, source);
  return new BccModule(ops, handle, warnings(said, source));
}

function loaded({ core }: Ops, fd: number): LoadedFunction {
  const { SOL_SOCKET, SO_ATTACH_BPF } = core.constants;
  const owned = new OwnedFd(core, fd, 'the loaded function');
  return {
    get fd() {
      return owned.fd;
    },
    attach: (socket) => {
      const status = core.setsockopt(socket, SOL_SOCKET, SO_ATTACH_BPF, owned.fd);
      check(status, 'ALF_SOCKET', `attach the filter to descriptor ${socket}`, {
        EPERM: 'the filter of the socket is locked',
        ENOTSOCK: 'it is not a socket',
      });
    },
    close: () => owned.close(),
  };
}
