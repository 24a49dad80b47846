import { describe, expect, it } from 'vitest';
import { filesBelow } from './files.js';

const EXPORT =
  /^export (?:default )?(?:async |abstract |declare )*(?:function\*?|class|interface|type|const|let|enum) (\w+)/;

/** Exported declarations without a documentation comment directly above. */
function undocumented(text: string): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, i) => {
    const name = EXPORT.exec(line)?.[1];
    return name === undefined || endsDocumentation(lines, i - 1) ? [] : [name];
  });
}

function endsDocumentation(lines: readonly string[], end: number): boolean {
  if (!lines[end]?.trimEnd().endsWith('*/')) return false;
  const start = lines.slice(0, end + 1).findLastIndex((line) => line.includes('/*'));
  const text = lines.slice(start, end + 1).join(' ');
  return text.startsWith('/**') && /\w{3}/.test(text);
}

/** Lines of the comment a file opens with, without its marks. */
function opening(text: string): string[] {
  const comment = /^\/\*\*\n([\s\S]*?)\n \*\//.exec(text)?.[1] ?? '';
  return comment === '' ? [] : comment.split('\n').map((line) => line.replace(/^ \* ?/, ''));
}

const files = filesBelow('src').filter(({ path }) => path.endsWith('.ts'));

describe('every export of src is documented', () => {
  it.each(files.map(({ path, text }) => [path, text] as const))('%s', (_, text) => {
    expect(undocumented(text)).toEqual([]);
  });

  it.each([
    ['export function a() {}', ['a']],
    ['export async function a() {}', ['a']],
    ['export abstract class A {}', ['A']],
    ['export interface A {}', ['A']],
    ['export type A = 1;', ['A']],
    ['export const a = 1;', ['a']],
    ['/* not for readers of the interface */\nexport const a = 1;', ['a']],
    ['/** */\nexport const a = 1;', ['a']],
    ['/** Too far away. */\n\nexport const a = 1;', ['a']],
    ['// Not this kind.\nexport const a = 1;', ['a']],
    ['/** One. */\nexport const a = 1;\nexport const b = 1;', ['b']],
    ['/** One line. */\nexport const a = 1;', []],
    ['/**\n * Two\n * lines.\n */\nexport function a() {}', []],
    ["export { a } from './a.js';\nexport type { B } from './b.js';\nconst c = 1;", []],
  ])('which is checked: %j', (text, expected) => {
    expect(undocumented(text)).toEqual(expected);
  });
});

describe('every room says in 5 to 15 lines what it is', () => {
  const indexes = files.filter(({ path }) => path.endsWith('/index.ts'));

  // A room inside another, and a part of one with an index of its own, are named by their path: `kernel/probe`.
  const named = indexes.map(({ path, text }) => [path.replace(/^src\/|\/index\.ts$/g, ''), text] as const);

  it.each(named)('%s', (room, text) => {
    const lines = opening(text);
    expect(lines[0]).toMatch(new RegExp(`^Room: ${room}\\.`));
    expect(lines.length).toBeGreaterThanOrEqual(5);
    expect(lines.length).toBeLessThanOrEqual(15);
  });

  it('which is checked', () => {
    expect(indexes.length).toBeGreaterThan(10);
    expect(opening('export {};')).toEqual([]);
    expect(opening('// Room: a\n')).toEqual([]);
    expect(opening('/**\n * Room: a.\n *\n * b\n */\n')).toEqual(['Room: a.', '', 'b']);
  });
});
