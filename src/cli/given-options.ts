import type { Given } from './cut.js';
import { findOption, type OPTIONS } from './options.js';

type OptionName = (typeof OPTIONS)[number]['name'];

/** The options of a command line by name, with the table's defaults behind them. */
export class Options {
  readonly #given: readonly Given[];

  constructor(given: readonly Given[]) {
    this.#given = given;
  }

  /** Whether a switch is on. */
  on(name: OptionName): boolean {
    return this.#last(name) === true;
  }

  /** The value of an option that has a default. */
  text(name: OptionName): string {
    return String(this.#last(name));
  }

  /** All values of an option that may be repeated, in order. */
  list(name: OptionName): string[] {
    return this.#given.filter(({ option }) => option.name === name).map(({ value }) => String(value));
  }

  #last(name: OptionName): string | boolean | undefined {
    return this.#given.findLast(({ option }) => option.name === name)?.value ?? findOption(name)?.default;
  }
}
