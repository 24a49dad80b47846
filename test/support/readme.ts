import { readFileSync } from 'node:fs';

/** The blocks of a Markdown file that are fenced with a language. */
export function fencedBlocks(file: string, language: string): string[] {
  const blocks = readFileSync(file, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].filter(([, name]) => name === language).map(([, , text]) => text ?? '');
}

/** The commands of a Markdown file: every line of its `sh` blocks. */
export function commandsOf(file: string): string[] {
  return fencedBlocks(file, 'sh').flatMap((block) => block.trimEnd().split('\n'));
}
