import { describe, expect, it } from 'vitest';
import { formatUnitFile, parseUnitFile } from '../../../src/unit/index.js';

/** The entries of [Service], `KEY=VALUE` each. */
const entriesOf = (text: string) =>
  parseUnitFile(text, 'x.service')
    .sections.filter(({ name }) => name === 'Service')
    .flatMap(({ entries }) => entries.map(({ key, value }) => `${key}=${value}`));

describe('a unit file', () => {
  it.each([
    ['an entry', '[Service]\nType=exec\n', ['Type=exec']],
    ['blanks around key and value', '[Service]\n Type \t=  exec \n', ['Type=exec']],
    ['no newline at its end', '[Service]\nType=exec', ['Type=exec']],
    ['a byte order mark', '\ufeff[Service]\nType=exec', ['Type=exec']],
    ['comments', '# a\n[Service]\n; b=c\n  # d=e\nType=exec\n', ['Type=exec']],
    ['a comment that looks continued', '[Service]\n# a \\\nType=exec\n', ['Type=exec']],
    ['an equals sign in a value', '[Service]\nEnvironment=A=b\n', ['Environment=A=b']],
    ['an empty value', '[Service]\nExecStart=\n', ['ExecStart=']],
    [
      'a continued line',
      '[Service]\nExecStart=/a \\\n  b\\\n c\nType=exec\n',
      ['ExecStart=/a    b  c', 'Type=exec'],
    ],
    ['a comment in a continued line', '[Service]\nExecStart=/a \\\n# no\n b\n', ['ExecStart=/a   b']],
    ['an empty line in a continued line', '[Service]\nExecStart=/a \\\n\n b\n', ['ExecStart=/a   b']],
    [
      'an even number of backslashes',
      '[Service]\nExecStart=/a \\\\\nType=exec\n',
      ['ExecStart=/a \\\\', 'Type=exec'],
    ],
    ['three backslashes', '[Service]\nExecStart=/a \\\\\\\n b\n', ['ExecStart=/a \\\\  b']],
    ['a continued line at its end', '[Service]\nExecStart=/a \\', ['ExecStart=/a']],
    ['a carriage return', '[Service]\r\nType=exec\r\n', ['Type=exec']],
    ['an entry before the first section', 'Type=simple\n[Service]\nType=exec\n', ['Type=exec']],
    ['a line without an equals sign', '[Service]\nnonsense\nType=exec\n', ['Type=exec']],
    ['other sections', '[Unit]\nA=1\n[Service]\nB=2\n[X-Vendor]\nC=3\n[Service]\nD=4\n', ['B=2', 'D=4']],
    ['nothing', '', []],
  ])('with %s', (_, text, expected) => {
    expect(entriesOf(text)).toEqual(expected);
  });

  it('counts lines', () => {
    const { sections } = parseUnitFile('[Service]\n\nA=1\nB=2 \\\n 3\n', 'x.service');
    expect(sections[0]?.entries.map(({ key, line }) => [key, line])).toEqual([
      ['A', 3],
      ['B', 5],
    ]);
  });

  it.each(['[Service\nType=exec', '[Service]x'])('is rejected without the end of a header: %j', (text) => {
    expect(() => parseUnitFile(text, 'x.service')).toThrow(/^x\.service:1: section header .* has no end$/);
  });

  it('is formatted with one line an entry', () => {
    const text = '[Unit]\nA=1\n\n[Service]\nExecStart=\nExecStart=/a b\n';
    expect(formatUnitFile(parseUnitFile(text, ''))).toBe(text);
  });
});
