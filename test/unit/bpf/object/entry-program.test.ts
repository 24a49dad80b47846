import { describe, expect, it } from 'vitest';
import type { ElfFunction } from '../../../../src/bpf/object/elf.js';
import { pickEntry } from '../../../../src/bpf/object/entry-program.js';
import { failureOf } from '../../support/failure.js';

const inSection = (section: string, ...names: string[]): ElfFunction[] =>
  names.map((name) => ({ name, section }));

const DECLARATION = 'the entry of a filter is: SEC("socket") int filter(struct __sk_buff *skb)';

describe('the entry of a filter', () => {
  it.each<[string, ElfFunction[], string | undefined, string]>([
    ['filter', inSection('socket', 'other', 'filter'), undefined, 'filter'],
    ['the only program there is', inSection('socket', 'knock'), undefined, 'knock'],
    ['the only one for sockets', [...inSection('xdp', 'a'), ...inSection('socket/b', 'b')], undefined, 'b'],
    ['the one that is asked for', inSection('?socket', 'filter', 'other'), 'other', 'other'],
    ['one in an older section', inSection('socket_filter', 'a'), undefined, 'a'],
  ])('is %s', (_, functions, wanted, name) => {
    expect(pickEntry(functions, wanted)).toBe(name);
  });

  it.each<[string, ElfFunction[], string | undefined, string, string]>([
    ['no function', [], undefined, 'the filter has no function filter (it has: none)', DECLARATION],
    [
      'helpers alone',
      inSection('.text', 'help'),
      undefined,
      'the filter has no function filter (it has: help)',
      DECLARATION,
    ],
    [
      'another name than there is',
      inSection('socket', 'filter'),
      'filtre',
      'the filter has no function filtre (it has: filter)',
      'a function must not be static to be an entry',
    ],
    [
      'another hook',
      inSection('xdp', 'filter'),
      undefined,
      'function filter is in section xdp, which is not for socket filters',
      DECLARATION,
    ],
    [
      'no section',
      inSection('.text', 'filter'),
      'filter',
      'function filter is in no section of its own, which is not for socket filters',
      DECLARATION,
    ],
  ])('is refused: %s', (_, functions, wanted, message, hint) => {
    expect(failureOf(() => pickEntry(functions, wanted))).toEqual({ code: 'ALF_OBJECT', message, hint });
  });

  it('is refused: several, none called filter', () => {
    expect(failureOf(() => pickEntry(inSection('socket', 'a', 'b')))).toEqual({
      code: 'ALF_OBJECT',
      message: 'the filter has several programs, none called filter: a, b',
      hint: 'name one: --entry NAME',
    });
  });
});
