import { describe, expect, it } from 'vitest';
import { AlfError } from '../../../src/errors/index.js';

/** The error of another bundle. */
class Copy extends Error {
  override readonly name = 'AlfError';
}

describe('AlfError.is', () => {
  it.each([
    ['an AlfError of this bundle', new AlfError('ALF_USAGE', 'text'), true],
    ['an error of a copy of the class in another bundle', new Copy('text'), true],
    ['another error', new TypeError('text'), false],
    ['an object with the name only', { name: 'AlfError' }, false],
    ['nothing', undefined, false],
  ])('%s', (_, value, expected) => {
    expect(value instanceof AlfError).toBe(expected);
  });
});
