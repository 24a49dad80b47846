import type { Cell, Column, Result, Row, Table } from './result.js';

/** A cell with its table, row and column. */
export interface Found {
  readonly table: Table;
  readonly row: Row;
  readonly column: Column;
  readonly cell: Cell;
}

/** Finds a table of any of the results. Throws Error without one: a document must not lose a figure silently. */
export function findTable(results: readonly Result[], id: string): Table {
  const table = results.flatMap(({ tables }) => tables).find((each) => each.id === id);
  if (table === undefined) throw new Error(`no table ${id} among the results`);
  return table;
}

/** Finds a cell by the names of table, row and column. Throws Error without one. */
export function findCell(results: readonly Result[], id: string, rowName: string, columnName: string): Found {
  const table = findTable(results, id);
  const row = table.rows.find(({ name }) => name === rowName);
  const at = table.columns.findIndex(({ name }) => name === columnName);
  const [column, cell] = [table.columns[at], row?.cells[at]];
  if (row === undefined || column === undefined || cell === undefined || cell === null)
    throw new Error(`nothing measured of ${rowName}, ${columnName} in table ${id}`);
  return { table, row, column, cell };
}

/** The cost of a row above the table's reference, in the column's unit, from the ratios of the same rounds. */
export function addedCost(table: Table, row: Row, columnName: string): number | undefined {
  const at = table.columns.findIndex(({ name }) => name === columnName);
  const reference = table.rows.find(({ name }) => name === table.reference)?.cells[at];
  const ratio = row.cells[at]?.ratio;
  return reference && ratio ? (ratio.median - 1) * reference.cost.median : undefined;
}
