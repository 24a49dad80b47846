import type { AddressSet, Policy } from '../../src/policy/index.js';

/** A policy that denies the addresses in `source` and allows all others. */
export function denyList(source: AddressSet): Policy {
  const anything = {
    interfaces: undefined,
    protocols: undefined,
    sourcePorts: undefined,
    destination: undefined,
    destinationPorts: undefined,
  };
  const location = { file: 'bench', line: 1, column: 1 };
  return {
    rules: [{ verdict: 'deny', match: { ...anything, source }, location, text: '' }],
    default: 'allow',
  };
}
