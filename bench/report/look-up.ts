import type { Cell, Column, Result, Row, Table } from './result.js';

/** A cell with the table, row and column it is in. */
export interface Found {
  readonly table: Table;
  readonly row: Row;
  readonly column: Column;
  readonly cell: Cell;
}

/** Finds a table of any of the results. Throws Error if there is none: a document must not lose a figure in silence. */
export function findTable(results: readonly Result[], id: string): Table {
  const table = results.flatMap(({ tables }) => tables).find((each) => each.id === id);
  if (table === undefined) throw new Error(`no table ${id} among the results`);
  return table;
}

/** Finds what was measured by the names of table, row and column. Throws Error if there is nothing. */
export function findCell(results: readonly Result[], id: string, rowName: string, columnName: string): Found {
  const table = findTable(results, id);
  const row = table.rows.find(({ name }) => name === rowName);
  const at = table.columns.findIndex(({ name }) => name === columnName);
  const [column, cell] = [table.columns[at], row?.cells[at]];
  if (row === undefined || column === undefined || cell === undefined || cell === null)
    throw new Error(`nothing measured of ${rowName}, ${columnName} in table ${id}`);
  return { table, row, column, cell };
}

/** What a row costs more than the table's reference, in the column's unit: by the ratios of the same rounds. */
export function addedCost(table: Table, row: Row, columnName: string): number | undefined {
  const at = table.columns.findIndex(({ name }) => name === columnName);
  const reference = table.rows.find(({ name }) => name === table.reference)?.cells[at];
  const ratio = row.cells[at]?.ratio;
  return reference && ratio ? (ratio.median - 1) * reference.cost.median : undefined;
}
