import { AlfError } from '../errors/index.js';
import type { CoreOps } from './ops.js';

/**
 * A descriptor with an owner, who closes it exactly once or hands it on.
 */
export class OwnedFd {
  readonly #core: CoreOps;
  readonly #what: string;
  #fd: number | undefined;

  /** @param what names the descriptor in a message: `listener [::]:80` */
  constructor(core: CoreOps, fd: number, what: string) {
    this.#core = core;
    this.#fd = fd;
    this.#what = what;
  }

  /** The number. @throws AlfError ALF_NATIVE once it has been closed or handed on */
  get fd(): number {
    if (this.#fd === undefined) throw new AlfError('ALF_NATIVE', `${this.#what} is used after close`);
    return this.#fd;
  }

  /** Closes it; a second call does nothing. An error of close(2) is ignored. */
  close(): void {
    if (this.#fd === undefined) return;
    this.#core.close(this.#fd);
    this.#fd = undefined;
  }
}
