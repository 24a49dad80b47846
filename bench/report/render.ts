import type { Spread } from '../support/statistics.js';
import type { Cell, Column, Row, Table } from './result.js';

/** Whether a cell shows its ratio; otherwise it shows its cost. */
function isCompared(table: Table, row: Row, cell: Cell): cell is Cell & { ratio: Spread } {
  return cell.ratio !== undefined && row.name !== table.reference;
}

/** A table as rows of text, the head first: medians, with their spread in parentheses. */
export function renderRows(table: Table): string[][] {
  const head = ['', ...table.columns.map(({ name }) => name)];
  const rows = table.rows.map((row) => [
    row.name,
    ...table.columns.map((column, i) => renderCell(table, row, column, row.cells[i] ?? null)),
  ]);
  return [head, ...rows];
}

function renderCell(table: Table, row: Row, column: Column, cell: Cell | null): string {
  if (cell === null) return '–';
  const cost = `${formatNumber(cell.cost.median, column.digits)} ${column.unit}`.trimEnd();
  if (!isCompared(table, row, cell)) return cost;
  return table.ratios === 'percent' ? formatPercent(cell.ratio) : `${cost}, ${formatTimes(cell.ratio)}`;
}

/** `+1.2 % (0.8 to 1.6)`. */
export function formatPercent({ low, median, high }: Spread): string {
  const [from, middle, to] = [low, median, high].map((ratio) => ((ratio - 1) * 100).toFixed(1));
  return `${sign(middle)} % (${from} to ${to})`;
}

/** `1.45 × (1.43 to 1.47)`. */
export function formatTimes({ low, median, high }: Spread): string {
  const [from, middle, to] = [low, median, high].map((ratio) => formatNumber(ratio, 2));
  return `${middle} × (${from} to ${to})`;
}

function sign(text = ''): string {
  return text.startsWith('-') ? text : `+${text}`;
}

/** Thousands are grouped: 1,234.5. */
export function formatNumber(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A table in Markdown. */
export function renderMarkdown(table: Table): string {
  return toMarkdown(renderRows(table));
}

/** Rows of text in Markdown, the head first. */
export function toMarkdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
