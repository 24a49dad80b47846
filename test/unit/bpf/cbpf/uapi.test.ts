import { expect, it } from 'vitest';
import { uapi } from '../../../../src/bpf/cbpf/index.js';
import { numbersInC } from '../../support/c-numbers.js';

it("has the numbers of the system's headers", () => {
  const expressions = Object.keys(uapi).map((name) => `(unsigned)(${name})`);
  expect(numbersInC(['linux/filter.h'], expressions)).toEqual(Object.values(uapi));
});
