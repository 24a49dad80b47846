import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/parse.js';
import { makeDirectory } from '../support/directory.js';
import { failureOf } from '../support/failure.js';

function linesOf(text: string) {
  const file = `${makeDirectory({ list: text })}/list`;
  const command = parseCommandLine(['--set-file', `allow,${file}`, 'f', 'p']);
  if (command.kind !== 'launch') throw new Error(command.kind);
  const [entryFile] = command.config.entryFiles;
  expect(entryFile).toMatchObject({ map: 'allow', file });
  return entryFile?.lines.map(({ line, text }) => `${line}: ${text}`);
}

describe('a set file', () => {
  it.each([
    ['nothing', '', []],
    ['one line', '10.0.0.0/8\n', ['1: 10.0.0.0/8']],
    ['a last line without its end', 'a\nb', ['1: a', '2: b']],
    ['blank lines, which count', '\na\n \n\t\nb\n', ['2: a', '5: b']],
    ['comments', '# one\na # two\n#\nb#three # four\n', ['2: a', '4: b']],
    ['spaces around', '  a  \n\tb\t\n', ['1: a', '2: b']],
    ['CRLF line ends', '# one\r\na\r\nb # two\r\n\r\n', ['2: a', '3: b']],
    ['a byte order mark', '\ufeffa\n', ['1: a']],
    ['slots', '0,a\n1 , b\n', ['1: 0,a', '2: 1 , b']],
  ])('with %s', (_, text, expected) => {
    expect(linesOf(text)).toEqual(expected);
  });

  it('may have a comma in its name', () => {
    const root = makeDirectory({ 'a,b': 'x' });
    expect(parseCommandLine(['--set-file', `m,${root}/a,b`, 'f', 'p'])).toMatchObject({
      config: { entryFiles: [{ map: 'm', file: `${root}/a,b`, lines: [{ line: 1, text: 'x' }] }] },
    });
  });

  it.each([
    ['/nowhere/list', 'unable to read /nowhere/list: no such file or directory', 'ENOENT'],
    ['/', 'unable to read /: it is a directory', 'EISDIR'],
  ])('that cannot be read: %s', (file, message, errno) => {
    expect(failureOf(() => parseCommandLine(['--set-file', `m,${file}`, 'f', 'p']))).toEqual({
      code: 'ALF_ENTRY',
      message,
      errno,
    });
  });
});
