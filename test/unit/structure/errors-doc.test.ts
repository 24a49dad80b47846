import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue, type ErrorCode, exitStatus } from '../../../src/errors/index.js';
import { ROOT } from '../support/objects.js';

const DOC = readFileSync(`${ROOT}docs/errors.md`, 'utf8');

/** The text below each second-level heading. */
const sections = new Map(
  DOC.split(/^## /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...text] = section.split('\n');
      return [heading, text.join('\n')] as const;
    }),
);

const codes = Object.keys(catalogue) as ErrorCode[];

describe('docs/errors.md', () => {
  it('describes every code, and no other, in the order of the catalogue', () => {
    expect([...sections.keys()]).toEqual(codes);
  });

  it.each(codes)('%s: status, meaning, an example and what to do', (code) => {
    const text = sections.get(code) ?? '';
    expect(text).toContain(`Exit status ${exitStatus(code)}.`);
    expect(text).toMatch(/^ {4}alfwrapper: \S.*$/m);
    expect(text).toMatch(/^What to do: \S/m);
  });
});
