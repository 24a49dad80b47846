/** A line of a plot. */
export interface Series {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Axes from one power of ten to another, with their lines. */
export interface Panel {
  readonly title: string;
  readonly x: { readonly title: string; readonly from: number; readonly to: number };
  readonly y: { readonly title: string; readonly from: number; readonly to: number };
  readonly series: readonly Series[];
  /** Values below this are noise. */
  readonly noise: number;
}

const SIZE = { width: 480, height: 360, left: 64, right: 32, top: 40, bottom: 56 } as const;
const LEGEND = { row: 20, top: 8, perRow: 4, width: 236 } as const;
const AREA = {
  width: SIZE.width - SIZE.left - SIZE.right,
  height: SIZE.height - SIZE.top - SIZE.bottom,
} as const;

/** Draws panels side by side, both axes logarithmic, with one legend below. A point beneath an axis is a ring on
 * it, one above stays at its end. */
export function drawPlot(panels: readonly Panel[], note: string): string {
  const series = panels.flatMap((panel) => panel.series);
  const legend = series.filter(({ name }, i) => series.findIndex((each) => each.name === name) === i);
  const rows = Math.ceil(legend.length / LEGEND.perRow) + 1;
  const [width, height] = [SIZE.width * panels.length, SIZE.height + LEGEND.top + rows * LEGEND.row];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escapeText(panels.map(({ title }) => title).join('; '))}</title>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...panels.map((panel, i) => group(i * SIZE.width, 0, drawPanel(panel))),
    group(0, SIZE.height + LEGEND.top, [
      ...legend.map(({ name, color }, i) => {
        const at = [
          20 + (i % LEGEND.perRow) * LEGEND.width,
          Math.floor(i / LEGEND.perRow) * LEGEND.row,
        ] as const;
        return group(...at, [dot(0, 0, color, true), text(10, 4, name, 'start')]);
      }),
      text(20, (rows - 1) * LEGEND.row + 4, note, 'start'),
    ]),
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, x, y, series, noise }: Panel): string[] {
  const place = (axis: Panel['x'], value: number) =>
    Math.log(Math.min(Math.max(value, axis.from), axis.to) / axis.from) / Math.log(axis.to / axis.from);
  const xAt = (value: number) => place(x, value) * AREA.width;
  const yAt = (value: number) => AREA.height - place(y, value) * AREA.height;
  const grid = [
    ...powers(x).flatMap((value) => [
      line(xAt(value), 0, xAt(value), AREA.height),
      text(xAt(value), AREA.height + 18, value.toLocaleString('en'), 'middle'),
    ]),
    ...powers(y).flatMap((value) => [
      line(0, yAt(value), AREA.width, yAt(value)),
      text(-8, yAt(value) + 4, value.toLocaleString('en'), 'end'),
    ]),
  ];
  const drawn = series.flatMap(({ color, points }) => {
    const places = points.map(([size, cost]) => [xAt(size), yAt(cost)] as const);
    const path = places.map((at) => at.map(round).join(',')).join(' ');
    return [
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`,
      ...places.map(([left, top], i) => dot(left, top, color, (points[i]?.[1] ?? 0) >= y.from)),
    ];
  });
  const top = yAt(noise);
  return [
    group(SIZE.left, SIZE.top, [
      `<rect y="${round(top)}" width="${AREA.width}" height="${round(AREA.height - top)}" fill="#eee"/>`,
      ...grid,
      ...drawn,
      text(AREA.width / 2, -16, title, 'middle'),
      text(AREA.width / 2, AREA.height + 40, x.title, 'middle'),
      `<text transform="translate(-48 ${AREA.height / 2}) rotate(-90)" text-anchor="middle">${escapeText(y.title)}</text>`,
    ]),
  ];
}

/** The powers of ten on an axis, its ends included. */
function powers({ from, to }: Panel['x']): number[] {
  const count = Math.round(Math.log10(to / from)) + 1;
  return Array.from({ length: count }, (_, i) => from * 10 ** i);
}

const round = (value: number) => Number(value.toFixed(1));
const escapeText = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function group(x: number, y: number, parts: readonly string[]): string {
  return [`<g transform="translate(${x} ${y})">`, ...parts, '</g>'].join('\n');
}

function line(...[x1, y1, x2, y2]: readonly [number, number, number, number]): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="#ccc"/>`;
}

function dot(x: number, y: number, color: string, filled: boolean): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="4" stroke="${color}" stroke-width="2" fill="${filled ? color : '#fff'}"/>`;
}

function text(x: number, y: number, value: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escapeText(value)}</text>`;
}
