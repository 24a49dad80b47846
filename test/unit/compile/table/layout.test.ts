import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as layout from '../../../../src/compile/table/layout.js';
import { finalReference, reference } from '../../../../src/compile/table/reference.js';
import { numbersInC } from '../../support/c-numbers.js';

const include = fileURLToPath(new URL('../../../../ebpf/include', import.meta.url));

const word = (struct: string, field: string) => `offsetof(struct ${struct}, ${field}) / 4`;

test('the layout is that of ebpf/include/alf/policy.h', () => {
  const { Field, Header, Index, Root, Slot, Tag, WideSlot } = layout;
  const expected: Record<string, number> = {
    ALF_POLICY_ABI: layout.ABI,
    ALF_PAGE_CELLS: layout.PAGE_CELLS,
    ALF_PAGE_BYTES: layout.PAGE_BYTES,
    ALF_BANK_PAGES: layout.BANK_PAGES,
    ALF_MAX_RULES: layout.MAX_RULES,
    ALF_ROW_WORDS: layout.ROW_WORDS,
    ALF_MAX_LIST: layout.MAX_LIST,
    ALF_SHORT_LIST: layout.SHORT_LIST,
    ALF_EDGES: layout.SLOT_EDGES,
    ALF_WIDE_EDGES: layout.WIDE_SLOT_EDGES,
    ALF_COUNTER_BANK: layout.COUNTER_BANK,
    ALF_SOURCE4: Field.source4,
    ALF_SOURCE6: Field.source6,
    ALF_DESTINATION4: Field.destination4,
    ALF_DESTINATION6: Field.destination6,
    ALF_INTERFACE: Field.interface,
    ALF_PROTOCOL: Field.protocol,
    ALF_SOURCE_PORT: Field.sourcePort,
    ALF_DESTINATION_PORT: Field.destinationPort,
    ALF_FIELDS: Object.keys(Field).length,
    ALF_FINAL: Tag.final,
    ALF_ROW: Tag.row,
    ALF_LIST: Tag.list,
    ALF_INDEX: Tag.index,
    ALF_NEXT_LIST: Tag.nextList,
    ALF_NEXT_INDEX: Tag.nextIndex,
    ALF_WIDE_INDEX: Tag.wideIndex,
    '(unsigned)ALF_ROW << ALF_TAG_SHIFT | 5': reference(Tag.row, 5),
    '(unsigned)ALF_FINAL << ALF_TAG_SHIFT | ALF_FINAL_ALLOW | 8': finalReference('allow', 7),
    'sizeof(struct alf_header) / 4': Header.end,
    'sizeof(struct alf_root) / 4': Root.size,
    'sizeof(struct alf_index) / 4': Index.size,
    'sizeof(struct alf_slot) / 4': Slot.size,
    'sizeof(struct alf_wide_slot) / 4': WideSlot.size,
    [word('alf_cell', 'result')]: 1,
  };
  const add = (struct: string, offsets: Record<string, number>) => {
    for (const [name, offset] of Object.entries(offsets)) {
      const field = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (name !== 'end' && name !== 'size') expected[word(struct, field)] = offset;
    }
  };
  add('alf_header', Header);
  add('alf_root', Root);
  add('alf_index', Index);
  add('alf_slot', Slot);
  add('alf_wide_slot', WideSlot);
  const answers = numbersInC(['alf/policy.h'], Object.keys(expected), [`-I${include}`]);
  expect(Object.fromEntries(Object.keys(expected).map((name, i) => [name, answers[i]]))).toEqual(expected);
});
