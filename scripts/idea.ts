/** A rectangle with lines of text, centred. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** A class of the style sheet below. */
  readonly look: 'peer' | 'filter' | 'program';
  /** The first line is bold. */
  readonly lines: readonly string[];
}

const WIDTH = 760;
const HEIGHT = 210;
const LINE_HEIGHT = 18;

const ALLOWED: Box = {
  ...{ x: 10, y: 20, width: 170, height: 60 },
  ...{ look: 'peer', lines: ['allowed client', '10.1.2.3'] },
};
const DENIED: Box = {
  ...{ x: 10, y: 130, width: 170, height: 60 },
  ...{ look: 'peer', lines: ['denied client', '203.0.113.9'] },
};
const SOCKET: Box = {
  ...{ x: 280, y: 20, width: 200, height: 170 },
  ...{
    look: 'filter',
    lines: [
      'listening socket',
      'BPF filter, attached',
      'before bind, locked',
      '',
      'allow 10.0.0.0/8',
      'drop the rest',
    ],
  },
};
const DAEMON: Box = {
  ...{ x: 580, y: 20, width: 170, height: 170 },
  ...{
    look: 'program',
    lines: ['your daemon', 'same PID, no proxy', '', 'alfwrapper became it', 'by execve'],
  },
};

const STYLE = `
  text { font: 14px system-ui, sans-serif; text-anchor: middle; fill: #1f2328; }
  .title { font-weight: 600; }
  rect { stroke-width: 1.5; }
  .peer { fill: #f6f8fa; stroke: #8c959f; }
  .filter { fill: #fff8c5; stroke: #9a6700; }
  .program { fill: #dafbe1; stroke: #1a7f37; }
  .passes { stroke: #1a7f37; stroke-width: 2; }
  .dropped { stroke: #cf222e; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .peer { fill: #161b22; }
    .filter { fill: #341a00; }
    .program { fill: #04260f; }
  }`;

/** Draws the idea as SVG: an allowed client, a denied client, and the filter between them and the daemon. */
export function drawIdea(): string {
  const top = ALLOWED.y + ALLOWED.height / 2;
  const bottom = DENIED.y + DENIED.height / 2;
  const parts = [
    ...[ALLOWED, DENIED, SOCKET, DAEMON].map(drawBox),
    drawLine('passes', ALLOWED.x + ALLOWED.width, SOCKET.x, top),
    drawLine('passes', SOCKET.x + SOCKET.width, DAEMON.x, top),
    drawLine('dropped', DENIED.x + DENIED.width, SOCKET.x - 14, bottom),
    drawCross(SOCKET.x - 14, bottom),
  ];
  const label =
    'An allowed client reaches the daemon through the filter of its socket; packets of a denied one are dropped there';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">`,
    `<style>${STYLE}\n</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#1a7f37"/></marker></defs>',
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function drawBox({ x, y, width, height, look, lines }: Box): string {
  const first = y + height / 2 - ((lines.length - 1) * LINE_HEIGHT) / 2 + 5;
  const texts = lines.map((line, i) => {
    const title = i === 0 ? ' class="title"' : '';
    return line === ''
      ? ''
      : `<text${title} x="${x + width / 2}" y="${first + i * LINE_HEIGHT}">${line}</text>`;
  });
  return `<rect class="${look}" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>${texts.join('')}`;
}

function drawLine(look: 'passes' | 'dropped', from: number, to: number, y: number): string {
  const head = look === 'passes' ? ' marker-end="url(#head)"' : '';
  return `<path class="${look}" d="M${from + 6} ${y}H${to - 6}"${head}/>`;
}

function drawCross(x: number, y: number): string {
  return `<path class="dropped" d="M${x - 6} ${y - 6}l12 12m0 -12l-12 12"/>`;
}
