import { readFileSync, writeFileSync } from 'node:fs';
import { drawCosts } from './cost-plot.js';
import { findCell, findTable } from './look-up.js';
import { profileRows } from './profile.js';
import { formatNumber, formatPercent, formatTimes, renderMarkdown, toMarkdown } from './render.js';
import type { Result } from './result.js';
import { KEPT, readResults } from './store.js';
import { targetRows } from './targets.js';

const README = 'README.md';
const [BEGIN, END] = ['<!-- npm run bench -- --keep writes from here -->\n', '<!-- to here -->\n'];

/** The placeholders of templates by name, and their arguments. */
const FIGURES: Readonly<Record<string, (results: readonly Result[], ...args: string[]) => string>> = {
  machine: describeMachines,
  disturbances: describeDisturbances,
  targets: (results) => toMarkdown(targetRows(results)),
  table: (results, id = '') => renderMarkdown(findTable(results, id)),
  profile: (results, id = '') => toMarkdown(profileRows(results, id)),
  ratio: (results, ...place) => ratioOf(results, place),
  cost: (results, ...place) => costOf(results, place),
  rate: (results, ...place) => rateOf(results, place),
};

/** Returns the documents by path, from templates and results. */
export function makeDocuments(results: readonly Result[]): Readonly<Record<string, string>> {
  const fill = (template: string) =>
    readFileSync(`bench/report/${template}`, 'utf8').replaceAll(/\{\{(\w+)([^}]*)\}\}/g, (_, name, rest) => {
      const figure = FIGURES[name];
      if (figure === undefined) throw new Error(`a template asks for ${name}, which nothing makes`);
      return figure(results, ...rest.split('|').map((word: string) => word.trim()));
    });
  const readme = readFileSync(README, 'utf8');
  const [begin, end] = [readme.indexOf(BEGIN) + BEGIN.length, readme.indexOf(END)];
  if (begin < BEGIN.length || end < begin) throw new Error(`${README} has no place for what was measured`);
  return {
    'docs/performance.md': fill('performance.md.in'),
    'docs/performance.svg': drawCosts(results),
    [README]: readme.slice(0, begin) + fill('readme.md.in') + readme.slice(end),
  };
}

/** Writes the documents from the kept results. */
export function writeDocuments(): void {
  for (const [path, text] of Object.entries(makeDocuments(readResults(KEPT)))) writeFileSync(path, text);
}

function describeMachines(results: readonly Result[]): string {
  const texts = results.map(
    ({ machine: { kernel, processor, processors, node } }) =>
      `Linux ${kernel}, Node ${node}, ${processors} processors (${processor})`,
  );
  return [...new Set(texts)].join('; ');
}

function describeDisturbances(results: readonly Result[]): string {
  const lines = results.flatMap(({ disturbances }) => disturbances);
  return lines.length === 0 ? 'The machine was quiet.' : `Not quiet: ${lines.join('; ')}.`;
}

function ratioOf(results: readonly Result[], [id = '', row = '', column = '']: readonly string[]): string {
  const { table, cell } = findCell(results, id, row, column);
  if (cell.ratio === undefined) throw new Error(`no ratio of ${row}, ${column} in table ${id}`);
  return table.ratios === 'percent' ? formatPercent(cell.ratio) : formatTimes(cell.ratio);
}

function costOf(results: readonly Result[], [id = '', row = '', column = '']: readonly string[]): string {
  const found = findCell(results, id, row, column);
  return `${formatNumber(found.cell.cost.median, found.column.digits)} ${found.column.unit}`;
}

/** The operations per second, from a cost in ns. */
function rateOf(results: readonly Result[], [id = '', row = '', column = '']: readonly string[]): string {
  return formatNumber(1e9 / findCell(results, id, row, column).cell.cost.median, 0);
}
