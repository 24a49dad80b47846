import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { transformSync } from 'esbuild';
import { ROOT } from '../support/objects.js';
import type { SourceFile } from './files.js';

/** The rows of the table of rooms in docs/architecture.md: name, `pure` or nothing. */
const ROWS = [
  ...readFileSync(`${ROOT}docs/architecture.md`, 'utf8').matchAll(/^\| `([\w/]+)` \| (pure )?\| /gm),
];

/** The rooms of src/, in the table's order: a room may import the rooms above it. One may lie inside another: `kernel/probe`. */
export const ROOMS = ROWS.map(([, room = '']) => room);

const PURE = ROWS.filter(([, , pure]) => pure !== undefined).map(([, room = '']) => room);

/** Globals through which code reaches the world. */
const WORLD = ['process', 'globalThis', 'global', 'require', 'console'];
const CLOCK_AND_MORE = [
  'Buffer',
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
  'crypto',
];

const MARK = 'FORBIDDEN_';

/** Everything in which a file of src/ breaks the rules for rooms, one line each. */
export function violations({ path, text }: SourceFile): string[] {
  const room = roomOf(path);
  if (room === undefined) return [`${path.split('/')[1]} is no room`];
  const code = globalsMarked(text);
  return [
    ...importsOf(text).flatMap((target) => importViolations(path, room, target)),
    ...forbiddenGlobals(room)
      .filter((name) => code.includes(`${MARK}${name}_`))
      .map((name) => `uses ${name}`),
    ...(room !== 'kernel' && /createRequire|\.node["'`]/.test(code) ? ['loads an addon'] : []),
    ...(room !== 'kernel' && room !== 'cli' && /\bloadOps\b/.test(code) ? ['makes its own operations'] : []),
  ];
}

/** The innermost room that a file lies in; undefined if it lies in no room. */
export function roomOf(path: string): string | undefined {
  const [innermost] = ROOMS.filter((room) => path.startsWith(`src/${room}/`)).sort(
    (a, b) => b.length - a.length,
  );
  return innermost;
}

function forbiddenGlobals(room: string): string[] {
  if (room === 'cli') return [];
  const world = room === 'kernel' ? WORLD.filter((name) => name !== 'require') : WORLD;
  return PURE.includes(room) ? [...world, ...CLOCK_AND_MORE] : world;
}

/** Modules a file names: static, type-only, re-exported, dynamic. */
function importsOf(text: string): string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g);
  return [...found].map(([, target = '']) => target);
}

function importViolations(path: string, room: string, target: string): string[] {
  if (!target.startsWith('.')) {
    if (PURE.includes(room) && target.startsWith('node:')) return [`is pure but imports ${target}`];
    return target === 'node:process' && room !== 'cli' ? [`imports ${target}`] : [];
  }
  const file = posix.join(posix.dirname(path), target);
  if (!file.startsWith('src/')) {
    return room === 'cli' && file === 'package.json' ? [] : [`imports ${file}, outside src`];
  }
  const other = roomOf(file) ?? file.split('/')[1] ?? '';
  if (other === room) return [];
  if (file !== `src/${other}/index.js`) return [`imports ${file}, not the index of ${other}`];
  return ROOMS.indexOf(other) >= 0 && ROOMS.indexOf(other) < ROOMS.indexOf(room)
    ? []
    : [`imports upward: ${other}`];
}

/** The code without comments and types, free uses of globals marked: the compiler knows what is free. */
function globalsMarked(text: string): string {
  const names = [...WORLD, ...CLOCK_AND_MORE];
  const define = Object.fromEntries(names.map((name) => [name, `${MARK}${name}_`]));
  const options = { loader: 'ts', minifyWhitespace: true, legalComments: 'none', define } as const;
  return transformSync(text, options).code;
}

/**
 * Files that import themselves by way of others, types included: each circle as the paths of its files.
 *
 * @param files all files of a tree
 */
export function circles(files: readonly SourceFile[]): string[][] {
  const imports = new Map(files.map(({ path, text }) => [path, targetsOf(path, text)]));
  const reached = new Map(files.map(({ path }) => [path, reachable(path, imports)]));
  const onCircle = files.map(({ path }) => path).filter((path) => reached.get(path)?.has(path));
  // Two files are on the same circle if each is reached from the other.
  const together = onCircle.map((path) =>
    onCircle.filter((other) => reached.get(path)?.has(other) && reached.get(other)?.has(path)),
  );
  return [...new Map(together.map((circle) => [circle.join(), circle])).values()];
}

function targetsOf(path: string, text: string): string[] {
  const relative = importsOf(text).filter((target) => target.startsWith('.'));
  return relative.map((target) => posix.join(posix.dirname(path), target).replace(/\.js$/, '.ts'));
}

function reachable(start: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set<string>();
  const waiting = [...(imports.get(start) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...(imports.get(next) ?? []));
  }
  return seen;
}
