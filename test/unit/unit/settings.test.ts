import { describe, expect, it } from 'vitest';
import { parseUnitFile, settingsOf } from '../../../src/unit/index.js';
import { searchedForNode } from '../../../src/unit/programs.js';
import { allowsFamily, hasCapability } from '../../../src/unit/sets.js';

const service = (...texts: readonly string[]) =>
  settingsOf(
    texts.map((text, index) => parseUnitFile(`[Service]\n${text}`, `${index}`)),
    'Service',
  );

describe('the settings in force', () => {
  it('are those of all files in order', () => {
    const settings = service('A=1\nB=1\nC=yes', 'A=2\nB=\nD=off', 'A=3\nC=');
    expect(settings.list('A').map(({ value, path }) => `${value}@${path}`)).toEqual(['1@0', '2@1', '3@2']);
    expect(settings.all('B')).toEqual(['1', '']);
    expect(settings.list('B')).toEqual([]);
    expect([settings.last('A'), settings.last('B'), settings.last('E')]).toEqual(['3', undefined, undefined]);
    expect([settings.on('C'), settings.on('D'), settings.on('E')]).toEqual([false, false, false]);
  });

  it.each(['1', 'yes', 'Y', 'true', 't', 'on'])('are on with %s', (value) => {
    expect(service(`A=${value}`).on('A')).toBe(true);
  });
});

describe('a set of capabilities', () => {
  it.each([
    [[], true],
    [[''], false],
    [['CAP_BPF CAP_CHOWN'], true],
    [['CAP_CHOWN'], false],
    [['~CAP_BPF'], false],
    [['~CAP_CHOWN'], true],
    [['', 'CAP_BPF'], true],
    [['CAP_CHOWN', 'CAP_BPF'], true],
    [['CAP_BPF', '~CAP_BPF'], false],
    [['CAP_BPF', '~CAP_CHOWN'], true],
    [['CAP_BPF', ''], false],
  ])('%j has CAP_BPF: %s', (values, has) => {
    const settings = service(values.map((value) => `CapabilityBoundingSet=${value}`).join('\n'));
    expect(hasCapability(settings, 'CapabilityBoundingSet', 'CAP_BPF', true)).toBe(has);
  });
});

describe('a set of address families', () => {
  it.each([
    [[], true],
    [[''], true],
    [['none'], false],
    [['AF_UNIX'], false],
    [['AF_UNIX AF_INET'], true],
    [['AF_UNIX', 'AF_INET'], true],
    [['AF_UNIX AF_INET', '~AF_INET'], false],
    [['~AF_INET'], false],
    [['~AF_PACKET'], true],
    [['~AF_INET', 'AF_INET'], true],
    [['none', 'AF_INET'], true],
    [['AF_UNIX', ''], true],
  ])('%j allows AF_INET: %s', (values, allows) => {
    const settings = service(values.map((value) => `RestrictAddressFamilies=${value}`).join('\n'));
    expect(allowsFamily(settings, 'AF_INET')).toBe(allows);
  });
});

it('node is searched in PATH of the unit', () => {
  expect(searchedForNode(service(''))).toContain('/usr/bin');
  expect(searchedForNode(service('Environment="A=b c" PATH=/a:b::/c'))).toEqual(['/a', '/c']);
});
