import type { Offer } from '../completion/offers.js';
import type { CliEnv } from '../env.js';
import type { OptionTable } from '../option-spec.js';

/** A command beside launch mode: `alfwrapper NAME …`. */
export interface Command {
  readonly name: string;
  /** What follows the name, for the help. */
  readonly usage: string;
  readonly describe: string;
  readonly options: OptionTable;
  /** What its words are, for a shell that completes them; absent if unknown. */
  readonly words?: Offer;
  /** The first word that is not an option, and all words after it, belong to a filter or a program. */
  readonly endsAtFirstWord?: true;
  /**
   * Does it.
   *
   * @param argv the words behind the name
   * @returns the exit status: 0 yes or done, 1 no or failed
   * @throws AlfError; wrong usage and wrong input end with status 2, the rest with 1
   */
  readonly run: (argv: readonly string[], env: CliEnv) => Promise<number>;
}
