import { describe, expect, it } from 'vitest';
import { parseFdname, parseMode, parseVariable } from '../../../src/cli/option-values.js';
import { failureOf } from '../support/failure.js';

describe('parseFdname', () => {
  it.each(['a', 'web.socket', ' ', '~', ';-9', 'x'.repeat(255)])('accepts %j', (text) => {
    expect(parseFdname(text)).toBe(text);
  });

  it.each([
    ['', '""'],
    ['a:b', 'a:b'],
    ['a\tb', String.raw`"a\tb"`],
    ['ü', '"ü"'],
    ['x'.repeat(256), `${'x'.repeat(79)}…`],
  ])('refuses %j', (text, shown) => {
    expect(failureOf(() => parseFdname(text))).toEqual({
      code: 'ALF_USAGE',
      message: `option --fdname does not take ${shown}`,
      hint: 'expected 1 to 255 printable ASCII characters without a colon',
    });
  });
});

describe('parseMode', () => {
  it.each([
    ['0660', 0o660],
    ['600', 0o600],
    ['000', 0],
    ['0777', 0o777],
  ])('accepts %s', (text, mode) => {
    expect(parseMode(text)).toBe(mode);
  });

  it.each([
    ['', '""'],
    ['66', '66'],
    ['0668', '0668'],
    ['1777', '1777'],
    ['00660', '00660'],
    ['u=rw', 'u=rw'],
  ])('refuses %j', (text, shown) => {
    expect(failureOf(() => parseMode(text))).toEqual({
      code: 'ALF_USAGE',
      message: `option --socket-mode does not take ${shown}`,
      hint: 'expected three octal digits: 0660',
    });
  });
});

describe('parseVariable', () => {
  it.each([
    ['A=1', ['A=1']],
    ['A=', ['A=']],
    ['A=x=y', ['A=x=y']],
    ['a b=1', ['a b=1']],
    ['A', []],
  ])('accepts %s', (text, expected) => {
    expect(parseVariable(text)).toEqual(expected);
  });

  it.each([
    ['', '"": it has no name'],
    ['=1', '=1: it has no name'],
    ['LISTEN_FDS=2', 'LISTEN_FDS=2: it tells the program of its sockets'],
    ['LISTEN_PID', 'LISTEN_PID: it tells the program of its sockets'],
    ['A=\ufffd', '"A=\ufffd": it is not UTF-8'],
  ])('refuses %j', (text, what) => {
    expect(failureOf(() => parseVariable(text))).toEqual({
      code: 'ALF_USAGE',
      message: `option --setenv does not take ${what}`,
      hint: 'expected NAME=VALUE or NAME',
    });
  });
});
