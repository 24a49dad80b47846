import { expect, it } from 'vitest';
import { formatWarnings, parsePolicy } from '../../../src/policy/index.js';

const entries = Array.from({ length: 9000 }, (_, i) => `10.${i >> 8}.${i & 255}.1/24`);

it('prints similar warnings once, with their number', () => {
  const { warnings } = parsePolicy(`set x {\n${entries.join('\n')}\n}\n`, 'f');
  expect(formatWarnings(warnings)).toEqual([
    'f:2: 10.0.0.1/24 has bits set below its prefix length and means 10.0.0.0/24 (the first of 9000 such entries)',
  ]);
});

it('prints one warning unchanged, and limits the number of different ones', () => {
  const at = (line: number) => ({ location: { file: 'f', line, column: 1 }, message: 'm' });
  expect(formatWarnings([])).toEqual([]);
  expect(formatWarnings([at(1)])).toEqual(['f:1: m']);
  const lines = formatWarnings(Array.from({ length: 50 }, (_, i) => at(i + 1)));
  expect(lines).toHaveLength(21);
  expect(lines.slice(-2)).toEqual(['f:20: m', '30 more warnings of the rules']);
});

it('refuses rules with too many words, with a hint', () => {
  const many = `set x {\n${'10.0.0.1,'.repeat(260_000)}\n}\n`;
  expect(() => parsePolicy(many, 'f')).toThrow(
    'f:2:2249983: there are more than 500000 words here: that is the limit',
  );
});
