import { describe, expect, it } from 'vitest';
import { checkNames, judge, MAX_RULES_LOAD_MS } from '../../kernels/expectations.js';
import type { Outcome } from '../../kernels/guest/check.js';
import { formatLine, parseLine } from '../../kernels/guest/check.js';
import { KERNELS, type KernelName } from '../../kernels/lab/names.js';

const LACKED = 'room for large classic programs';

function answer(name: KernelName, check: string, outcome?: Outcome) {
  const kernel = { name, version: '1', release: `${name}.1`, image: '', modules: '' };
  const results = outcome === undefined ? [] : [{ name: check, outcome, detail: 'said' }];
  return judge({ kernel, results, console: [] }, [check])[0];
}

describe('an answer is as expected', () => {
  it.each([
    ['6.12', 'auto, root', 'ok', true],
    ['6.12', 'auto, root', 'NO', false],
    ['6.12', 'auto, root', 'WRONG', false],
    ['6.12', 'auto, root', undefined, false],
    ['6.1', LACKED, 'NO', true],
    ['6.1', LACKED, 'ok', false],
    ['6.1', LACKED, 'WRONG', false],
    ['6.1', LACKED, undefined, false],
  ] as const)('on %s, to %j: %s is %s', (kernel, check, outcome, expected) => {
    const verdict = answer(kernel, check, outcome);
    expect(verdict).toMatchObject({ name: check, asExpected: expected });
    expect(verdict?.line).toContain(`${kernel} (${kernel}.1): ${check}: `);
  });
});

describe('loads of the rules', () => {
  const load = (name: KernelName, ms: number) => {
    const kernel = { name, version: '1', release: `${name}.1`, image: '', modules: '' };
    const check = 'objects of clang-14, root';
    const detail = `policy 2000 insns ${ms.toFixed(1)} ms; policy filter_in_place 2000 insns ${ms.toFixed(1)} ms`;
    return judge({ kernel, results: [{ name: check, outcome: 'ok', detail }], console: [] }, [check])[0];
  };

  it.each([
    ['sid', MAX_RULES_LOAD_MS, true],
    ['sid', MAX_RULES_LOAD_MS + 1, false],
    ['backports', MAX_RULES_LOAD_MS + 1, false],
    ['5.10', MAX_RULES_LOAD_MS + 1, true],
  ] as const)('on %s, that take %d ms: as expected is %s', (kernel, ms, expected) => {
    expect(load(kernel, ms)?.asExpected).toBe(expected);
  });

  it('that are longer once are as expected', () => {
    const kernel = { name: 'sid', version: '1', release: 'sid.1', image: '', modules: '' } as const;
    const details = [86, 87, 2 * MAX_RULES_LOAD_MS].map((ms) => `policy 2000 insns ${ms.toFixed(1)} ms`);
    const results = details.map(
      (detail, i) => ({ name: `objects of clang-${i}, root`, outcome: 'ok', detail }) as const,
    );
    const names = results.map(({ name }) => name);
    const verdicts = judge({ kernel, results, console: [] }, names);
    expect(verdicts.every(({ asExpected }) => asExpected)).toBe(true);
  });

  it('that are too slow are named with what they take', () => {
    expect(load('sid', 123)?.line).toContain('the rules take 123 ms to load, more than');
  });
});

describe('checks', () => {
  it('have names of their own', () => {
    const names = checkNames('long', ['clang-14', 'clang-19']);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(checkNames('short', ['clang-14', 'clang-19'])));
  });

  it('are asked of every kernel', () => {
    expect(KERNELS).toHaveLength(8);
  });

  it('are read as they are written', () => {
    expect(parseLine(formatLine('a, b', 'NO', 'two\nlines\tand a tab'))).toEqual({
      ...{ name: 'a, b', outcome: 'NO', detail: 'two lines and a tab' },
    });
    expect(parseLine('[    1.0] reboot: Power down')).toBeUndefined();
  });
});
