import { AlfError, quote } from '../errors/index.js';

/** Port numbers are lower. */
export const PORT_LIMIT = 65_536;

/**
 * Reads a port number, 0 to 65535, in decimal digits.
 *
 * With 0 the kernel selects a port; callers that do not support this refuse it.
 *
 * @throws AlfError ALF_ADDRESS
 */
export function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) >= PORT_LIMIT) {
    throw new AlfError('ALF_ADDRESS', `${quote(text)} is not a port`, {
      hint: 'expected a number from 0 to 65535',
    });
  }
  return Number(text);
}
