import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawIdea } from '../../../scripts/idea.js';
import { ROOT } from '../support/objects.js';
import { filesBelow } from './files.js';

/** Files and folders that a document links to, from where it lies. */
function linksOf({ path, text }: { path: string; text: string }): string[] {
  const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => join(dirname(path), target));
}

const top = ['README.md', 'CONTRIBUTING.md'].map((path) => ({
  path,
  text: readFileSync(`${ROOT}${path}`, 'utf8'),
}));
const documents = [...top, ...filesBelow('docs').filter(({ path }) => path.endsWith('.md'))];

describe('the documents', () => {
  it('are all in the index, docs/README.md', () => {
    const index = { path: 'docs/README.md', text: readFileSync(`${ROOT}docs/README.md`, 'utf8') };
    const listed = linksOf(index);
    const missing = readdirSync(`${ROOT}docs`).filter((name) => name.endsWith('.md') && name !== 'README.md');
    expect(missing.filter((name) => !listed.includes(`docs/${name}`))).toEqual([]);
  });

  it.each(documents.map((document) => [document.path, document] as const))(
    '%s links to what there is',
    (_, document) => {
      expect(linksOf(document).filter((target) => !existsSync(`${ROOT}${target}`))).toEqual([]);
    },
  );

  it('have the picture that scripts/picture.ts draws', () => {
    expect(readFileSync(`${ROOT}docs/idea.svg`, 'utf8')).toBe(drawIdea());
  });
});
