import fc from 'fast-check';
import { expect, it } from 'vitest';
import { makePlan } from '../../src/plan/index.js';
import { mapOf, objectOf } from '../unit/support/objects.js';
import { capabilitiesOf, configOf, filterOf, listenerOf, NOBODY } from '../unit/support/plans.js';

const object = objectOf(
  { ...mapOf('lpm_trie', 'subnet4', 'index', 1000), name: 'allow' },
  { ...mapOf('array', 'u32', 's64', 16), name: 'numbers' },
);

const slot = fc.tuple(fc.nat(20), fc.ipV4(), fc.nat(32)).map(([slot, address, length]) => ({
  map: 'allow',
  key: String(slot),
  value: `${address}/${length}`,
}));
const number = fc.tuple(fc.nat(15), fc.integer()).map(([key, value]) => ({
  map: 'numbers',
  key: String(key),
  value: String(value),
}));
const listener = fc
  .tuple(
    fc.constantFrom('::', '::1', '127.0.0.1', 'fe80::1%lo'),
    fc.nat(65535),
    fc.constantFrom('stream', 'datagram'),
  )
  .map(([address, port, type]) => listenerOf(address, port, type as 'stream' | 'datagram'));
const config = fc
  .record({
    listeners: fc.array(listener, { minLength: 1, maxLength: 3 }),
    entries: fc.array(fc.oneof(slot, number), { maxLength: 30 }),
    lock: fc.boolean(),
    target: fc.array(fc.string(), { minLength: 1, maxLength: 4 }),
  })
  .map(configOf);
const capabilities = fc
  .record({
    uid: fc.constantFrom(0, 1000),
    ambient: fc.bigInt(0n, (1n << 41n) - 1n),
    effective: fc.bigInt(0n, (1n << 41n) - 1n),
  })
  .map((credentials) => capabilitiesOf({ credentials: { ...NOBODY, ...credentials } }));

function mutable(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...(Object.isFrozen(value) ? [] : [value]), ...Object.values(value).flatMap(mutable)];
}

it('the same input gives the same plan, frozen to the bottom, that JSON loses nothing of', () => {
  fc.assert(
    fc.property(config, capabilities, (config, capabilities) => {
      const plan = makePlan(config, filterOf(object), capabilities);
      expect(makePlan(structuredClone(config), filterOf(object), capabilities)).toEqual(plan);
      expect(mutable(plan)).toEqual([]);
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    }),
  );
});

it('is frozen to the bottom even where the input is frozen at the top', () => {
  const plan = makePlan(
    configOf({ listeners: Object.freeze([Object.freeze(listenerOf())]) }),
    filterOf(),
    capabilitiesOf(),
  );
  expect(mutable(plan)).toEqual([]);
});

it('every slot is planned for one member at most, and as the last entry for it says', () => {
  fc.assert(
    fc.property(fc.array(slot, { maxLength: 40 }), (entries) => {
      const planned = makePlan(configOf({ entries }), filterOf(object), capabilitiesOf()).filter.entries;
      const values = planned.map(({ value }) => value);
      expect(new Set(values).size).toBe(values.length);
      expect(new Set(planned.map(({ key }) => key)).size).toBe(planned.length);
      const last = new Map(entries.map((entry) => [entry.key, entry.value]));
      expect(planned.length).toBeLessThanOrEqual(last.size);
    }),
  );
});
