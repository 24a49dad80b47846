import { expect, it } from 'vitest';
import { checkNodeVersion } from '../../../src/cli/node-version.js';
import { failureOf } from '../support/failure.js';

it.each(['20.20.0', '20.20.2', '20.100.0', '22.0.0', '24.1.0', '100.0.0', '25.0.0-nightly2025'])(
  'runs on %s',
  (version) => {
    expect(checkNodeVersion(version)).toBeUndefined();
  },
);

it.each(['20.19.9', '20.9.0', '18.20.8', '2.20.0', '', 'x'])('refuses %j', (version) => {
  expect(failureOf(() => checkNodeVersion(version))).toEqual({
    code: 'ALF_NATIVE',
    message: `Node.js ${version} is too old`,
    hint: 'install Node.js 20.20 or later, or put it first in PATH',
  });
});
