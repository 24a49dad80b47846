import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AddressSet,
  AddressSetBuilder,
  complementSet,
  intersectSets,
  parseSetFile,
  setContains,
  unionSets,
} from '../../src/policy/index.js';
import {
  bitsOf,
  type ModelRange,
  modelAddress,
  modelBytes,
  modelFamily,
  modelRange,
} from '../support/address-model.js';

const RUNS = { numRuns: 500 };
const ranges = fc.array(modelRange, { maxLength: 12 });
const points = fc.array(
  modelFamily.chain((family) => modelAddress(family).map((value) => ({ family, value }))),
  { minLength: 1, maxLength: 40 },
);

function build(ranges: readonly ModelRange[]): AddressSet {
  const builder = new AddressSetBuilder();
  for (const { family, first, last } of ranges)
    builder.addBytes(modelBytes(family, first), modelBytes(family, last));
  return builder.build();
}

/** Checks a set against a model at every point. */
function expectPoints(
  set: AddressSet,
  at: typeof points extends fc.Arbitrary<infer T> ? T : never,
  holds: Holds,
): void {
  for (const { family, value } of at) {
    expect(setContains(set, family, modelBytes(family, value))).toBe(holds(family, value));
  }
}

type Holds = (family: 4 | 6, value: bigint) => boolean;
const modelHolds =
  (ranges: readonly ModelRange[]): Holds =>
  (family, value) =>
    ranges.some((range) => range.family === family && range.first <= value && value <= range.last);

test('a set holds what its ranges hold, and so do the operations', () => {
  fc.assert(
    fc.property(ranges, ranges, points, (a, b, at) => {
      const [setA, setB, inA, inB] = [build(a), build(b), modelHolds(a), modelHolds(b)];
      expectPoints(setA, at, inA);
      expectPoints(unionSets([setA, setB]), at, (family, value) => inA(family, value) || inB(family, value));
      expectPoints(
        intersectSets(setA, setB),
        at,
        (family, value) => inA(family, value) && inB(family, value),
      );
      expectPoints(complementSet(setA), at, (family, value) => !inA(family, value));
      expect(complementSet(complementSet(setA))).toEqual(setA);
    }),
    RUNS,
  );
});

test('ranges are sorted, disjoint and apart', () => {
  fc.assert(
    fc.property(ranges, (ranges) => {
      const { v4, v6 } = build(ranges);
      const numbers6 = Array.from(
        { length: v6.length / 2 },
        (_, i) => ((v6[2 * i] ?? 0n) << 64n) | (v6[2 * i + 1] ?? 0n),
      );
      for (const ends of [[...v4].map(BigInt), numbers6]) {
        ends.forEach((end, i) => {
          const previous = ends[i - 1];
          if (previous !== undefined) expect(end >= (i % 2 === 0 ? previous + 2n : previous)).toBe(true);
        });
      }
    }),
    RUNS,
  );
});

test('many ranges, in any order, as in a set file', () => {
  const anywhere = modelFamily.chain((family) =>
    fc.record({ family: fc.constant(family), value: fc.bigInt(0n, (1n << bitsOf(family)) - 1n) }),
  );
  fc.assert(
    fc.property(fc.array(anywhere, { maxLength: 300 }), (addresses) => {
      const set = build(
        addresses.map(({ family, value }) => ({ family, first: value, last: value, text: '' })),
      );
      expectPoints(set, addresses, () => true);
      expectPoints(
        set,
        addresses.map(({ family, value }) => ({ family, value: value ^ 1n })),
        (family, value) => addresses.some((address) => address.family === family && address.value === value),
      );
    }),
    { numRuns: 50 },
  );
});

test('a set file of ranges holds them', () => {
  fc.assert(
    fc.property(ranges, (ranges) => {
      const bytes = new TextEncoder().encode(ranges.map((range) => range.text).join('\n'));
      expect(parseSetFile(bytes, 'f').set).toEqual(build(ranges));
    }),
    RUNS,
  );
});
