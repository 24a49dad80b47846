import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseBtf } from '../../src/abi/btf.js';
import { parseElf } from '../../src/abi/elf.js';
import { describeObject } from '../../src/abi/index.js';
import { SHIPPED, shippedObject } from '../unit/support/objects.js';

const RUNS = 2500;
const originals = SHIPPED.map(shippedObject);

/** An object with a few bytes changed, in places that decide something as often as in others. */
const mutated = fc
  .tuple(
    fc.constantFrom(...originals),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2, 4, 8, 0x7f, 0x80, 0xff)), {
      minLength: 1,
      maxLength: 24,
    }),
    fc.boolean(),
  )
  .map(([original, changes, header]) => {
    const bytes = Uint8Array.from(original);
    for (const [at, byte] of changes) bytes[at % (header ? 64 : bytes.length)] = byte;
    return bytes;
  });

const truncated = fc
  .tuple(fc.constantFrom(...originals), fc.nat())
  .map(([original, size]) => original.subarray(0, size % original.length));

function mustBeRefusedCleanly(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(error).toMatchObject({ name: 'AlfError', code: 'ALF_OBJECT' });
  }
}

it('a mutated object is read or refused with an AlfError', () => {
  fc.assert(
    fc.property(mutated, (file) => mustBeRefusedCleanly(() => describeObject(file))),
    { numRuns: RUNS },
  );
});

it('a truncated object is read or refused with an AlfError', () => {
  fc.assert(
    fc.property(truncated, (file) => mustBeRefusedCleanly(() => describeObject(file))),
    { numRuns: RUNS },
  );
});

it('a mutated BTF section is read or refused with an AlfError', () => {
  const sections = originals.flatMap((file) => parseElf(file).section('.BTF') ?? []);
  expect(sections).toHaveLength(SHIPPED.length);
  const change = fc.tuple(fc.nat(), fc.nat(255));
  fc.assert(
    fc.property(fc.constantFrom(...sections), fc.array(change, { maxLength: 16 }), (section, changes) => {
      const bytes = Uint8Array.from(section);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      mustBeRefusedCleanly(() => parseBtf(bytes, true));
    }),
    { numRuns: RUNS },
  );
});

it('noise is refused with an AlfError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 256 }), (noise) => {
      mustBeRefusedCleanly(() => describeObject(noise));
      mustBeRefusedCleanly(() => parseBtf(noise, true));
    }),
    { numRuns: RUNS },
  );
});
