import { findOption, type OptionTable } from './option-spec.js';
import type { LAUNCH_OPTIONS } from './options.js';
import type { ParsedOption } from './parse-options.js';

/** The options of a command line by name, with the table's defaults behind them. */
export class Options<Table extends OptionTable> {
  readonly #table: Table;
  readonly #given: readonly ParsedOption[];

  constructor(table: Table, given: readonly ParsedOption[]) {
    this.#table = table;
    this.#given = given;
  }

  /** All that were given, in order. */
  get given(): readonly ParsedOption[] {
    return this.#given;
  }

  /** Whether a switch is on. */
  on(name: Table[number]['name']): boolean {
    return this.#last(name) === true;
  }

  /** The value of an option that has a default. */
  text(name: Table[number]['name']): string {
    return String(this.#last(name));
  }

  /** The value of an option that may be left out. */
  maybe(name: Table[number]['name']): string | undefined {
    const value = this.#last(name);
    return value === undefined ? undefined : String(value);
  }

  /** All values of an option that may be repeated, in order. */
  list(name: Table[number]['name']): string[] {
    return this.#given.filter(({ option }) => option.name === name).map(({ value }) => String(value));
  }

  #last(name: string): string | boolean | undefined {
    return (
      this.#given.findLast(({ option }) => option.name === name)?.value ??
      findOption(this.#table, name)?.default
    );
  }
}

/** The options of a launch. */
export type LaunchOptions = Options<typeof LAUNCH_OPTIONS>;
