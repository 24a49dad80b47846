/** One option of the command line. Help, parsing and the manual page come from this table. */
export interface OptionSpec {
  readonly name: string;
  readonly alias?: string;
  /** The name of its value in the help; an option without one is a switch. */
  readonly value?: string;
  readonly describe: string;
  readonly default?: string | boolean;
  /** All values it accepts; any value if omitted. */
  readonly choices?: readonly string[];
  /** May be repeated; every value counts. */
  readonly repeatable?: true;
  readonly group:
    | 'Listening:'
    | 'Sockets:'
    | 'Rules:'
    | 'Filter:'
    | 'Program:'
    | 'Packet:'
    | 'Unit:'
    | 'Output:';
}

/** The options of launch mode or of a command, in the order of the help. */
export type OptionTable = readonly OptionSpec[];

/** Finds an option by its long name or its letter. */
export function findOption(table: OptionTable, name: string): OptionSpec | undefined {
  return table.find((option) => option.name === name || option.alias === name);
}
