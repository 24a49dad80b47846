import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeFilter } from '../../src/app/describe-filter.js';
import { parseBtf } from '../../src/bpf/object/btf.js';
import { parseElf } from '../../src/bpf/object/elf.js';
import { describeObject, readTraits } from '../../src/bpf/object/index.js';
import { codecOf, formatValue, parseEntry, parseValue } from '../../src/bpf/values/index.js';
import { renderDescription, renderDescriptionJson } from '../../src/cli/inspect/render.js';
import type { OpenedFilter } from '../../src/filter/index.js';
import { machine } from '../unit/support/entries.js';
import { typesObject } from '../unit/support/fixture-types.js';
import { SHIPPED, shippedObject } from '../unit/support/objects.js';

const RUNS = 2500;
const originals = [...SHIPPED.map(shippedObject), typesObject()];

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

function mustBeReadCleanly(file: Uint8Array): void {
  mustBeRefusedCleanly(() => describeObject(file));
  mustBeRefusedCleanly(() => readTraits(file));
}

it('a mutated object is read or refused with an AlfError', () => {
  fc.assert(
    fc.property(mutated, (file) => mustBeReadCleanly(file)),
    { numRuns: RUNS },
  );
});

it('a truncated object is read or refused with an AlfError', () => {
  fc.assert(
    fc.property(truncated, (file) => mustBeReadCleanly(file)),
    { numRuns: RUNS },
  );
});

it('a mutated BTF section is read or refused with an AlfError', () => {
  const sections = originals.flatMap((file) => parseElf(file).section('.BTF') ?? []);
  expect(sections).toHaveLength(originals.length);
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

/** The types object with a few bytes of its BTF changed: in what follows the header, numbers mostly. */
const mutatedTypes = fc
  .array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2, 3, 4, 5, 8, 0x10, 0x20, 0x7f, 0x80, 0xff)), {
    minLength: 1,
    maxLength: 12,
  })
  .map((changes) => {
    const bytes = Uint8Array.from(typesObject());
    const section = parseElf(bytes).section('.BTF') ?? new Uint8Array();
    for (const [at, byte] of changes) section[24 + (at % (section.length - 24))] = byte;
    return bytes;
  });

it('what a mutated BTF says of maps can be used, or is refused with an AlfError', () => {
  let read = 0;
  fc.assert(
    fc.property(mutatedTypes, (file) =>
      mustBeRefusedCleanly(() => {
        for (const { key, value } of describeObject(file).maps) {
          for (const type of [key, value]) {
            expect(codecOf(type).expects).not.toBe('');
            if (type.size > 2 ** 16) continue;
            const bytes = new Uint8Array(type.size);
            const text = formatValue(type, bytes, machine());
            expect(parseEntry(`map,${text},${text}`).value).toBe(text);
            expect(parseValue(type, text, machine())).toEqual(bytes);
            read++;
          }
        }
      }),
    ),
    { numRuns: RUNS },
  );
  expect(read).toBeGreaterThan(RUNS);
});

it('what is printed of a mutated object is text, a line for each thing', () => {
  let printed = 0;
  const found = { name: 'f', file: '/f.bpf.o', shown: 'f.bpf.o', shipped: false };
  fc.assert(
    fc.property(fc.oneof(mutated, mutatedTypes), (file) =>
      mustBeRefusedCleanly(() => {
        const filter: OpenedFilter = {
          ...{ engine: 'object', spec: describeObject(file), traits: () => readTraits(file) },
          ...{ load: () => expect.unreachable(), close: () => undefined },
        };
        const description = describeFilter(found, filter);
        expect(renderDescription(description)).toMatch(/^filter f: (\P{Cc}|\n)*\n$/u);
        expect(JSON.parse(renderDescriptionJson(description))).toMatchObject({ name: 'f' });
        printed++;
      }),
    ),
    { numRuns: RUNS },
  );
  expect(printed).toBeGreaterThan(RUNS / 10);
});
