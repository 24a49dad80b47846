import { describe, expect, it } from 'vitest';
import { AlfError } from '../../../src/errors/index.js';

/** What another bundle makes. */
class Copy extends Error {
  override readonly name = 'AlfError';
}

describe('an AlfError is known as one', () => {
  it.each([
    ['its own', new AlfError('ALF_USAGE', 'text'), true],
    ['that of a copy of the class in another bundle', new Copy('text'), true],
    ['another error', new TypeError('text'), false],
    ['what only has the name', { name: 'AlfError' }, false],
    ['nothing', undefined, false],
  ])('%s', (_, value, expected) => {
    expect(value instanceof AlfError).toBe(expected);
  });
});
