import type { Insn, Mode, Size, Step } from '../../bpf/cbpf/index.js';
import { uapi } from '../../bpf/cbpf/index.js';
import type { AddressFamily } from '../../net/index.js';
import { type Address, etherTypes, formatAddress } from '../../net/index.js';
import type { Load } from './graph.js';

/** A header field that rules test after the source address; each has a scratch cell. */
export type Field = 'interface' | 'sourcePort' | 'destinationPort' | 'destination';

/** Every field, in the order in which it is tested and loaded; the index is its scratch cell. */
export const fields: readonly Field[] = ['interface', 'sourcePort', 'destinationPort', 'destination'];

const NAMES: Readonly<Record<Field, string>> = {
  interface: 'interface index',
  sourcePort: 'source port',
  destinationPort: 'destination port',
  destination: 'destination address',
};

const SOURCE = { 4: 12, 6: 8 } as const;
const DESTINATION = { 4: 16, 6: 24 } as const;
const NEXT_HEADER = 6;
const HEADER6 = 40;

/** The ethertype, as the kernel has it beside the packet. */
export const loadProtocol: Load = {
  what: 'protocol',
  steps: [{ insn: { op: 'ldExt', extension: 'proto' }, note: 'ethertype' }],
  show: showProtocol,
};

/** What follows the fixed IPv6 header. */
export const loadNextHeader: Load = {
  what: 'next header',
  steps: [fromNetwork(NEXT_HEADER, 1, 'next header')],
  show: showNumber,
};

/** The IPv4 source address. */
export const loadSource4: Load = {
  what: 'source',
  steps: [fromNetwork(SOURCE[4], 4, 'source address')],
  show: showAddress4,
};

/** The four words of the IPv6 source address. */
export const loadSource6 = wordsAt(SOURCE[6], 'source');

/** The destination of an IPv4 packet, from scratch. */
export const loadDestination4: Load = { ...loadField('destination'), show: showAddress4 };

/** The four words of the destination of an IPv6 packet: the first from scratch, the others from the packet. */
export const loadDestination6: readonly [Load, Load, Load, Load] = [
  { ...loadField('destination'), show: showWord },
  wordsAt(DESTINATION[6], 'destination')[1],
  wordsAt(DESTINATION[6], 'destination')[2],
  wordsAt(DESTINATION[6], 'destination')[3],
];

/** A field from its scratch cell. */
export function loadField(field: Field): Load {
  const k = fields.indexOf(field);
  return { what: `M[${k}]`, steps: [{ insn: { op: 'ldMem', k }, note: NAMES[field] }], show: showNumber };
}

/**
 * Writes every cell in use at the start of a program: fields that lie in the same place in both families get their
 * value, the others are only marked as written.
 *
 * The kernel's checker wants that: it follows a return into what lies behind it, and so may find a way to a load
 * that no packet can take.
 *
 * @param used the fields that are tested anywhere in the program
 */
export function storeCommonFields(used: ReadonlySet<Field>, mode: Mode): Load {
  return storeFields(used, (field) => isCommon(field, mode), 4, mode, true);
}

/**
 * Brings the fields whose place depends on the family into their cells.
 *
 * @param wanted the fields that are tested from here on
 * @returns a load without steps if there is nothing to do
 */
export function storeFamilyFields(wanted: ReadonlySet<Field>, family: AddressFamily, mode: Mode): Load {
  return storeFields(wanted, (field) => !isCommon(field, mode), family, mode, false);
}

/** @param marks whether the cells of the other fields are written as well */
function storeFields(
  fieldsInUse: ReadonlySet<Field>,
  loads: (field: Field) => boolean,
  family: AddressFamily,
  mode: Mode,
  marks: boolean,
): Load {
  const cells = [...fields.entries()].filter(([, field]) => fieldsInUse.has(field));
  const fetched = cells.filter(([, field]) => loads(field));
  const steps: Step[] = [];
  if (family === 4 && fetched.some(([, field]) => isBehindHeader4(field, mode))) {
    steps.push({ insn: { op: 'ldxMsh', k: uapi.SKF_NET_OFF }, note: 'length of the IPv4 header' });
  }
  for (const [k, field] of fetched) {
    steps.push({ insn: fetch(field, family, mode), note: NAMES[field] }, { insn: { op: 'st', k } });
  }
  for (const [k, field] of marks ? cells : []) {
    if (!loads(field)) steps.push({ insn: { op: 'st', k }, note: `${NAMES[field]}, to be set later` });
  }
  const what = `fields ${family} ${marks} ${cells.map(([, field]) => field).join(' ')}`;
  return { what, steps, show: showNumber };
}

/** Whether a field is in the same place in packets of both families. */
function isCommon(field: Field, mode: Mode): boolean {
  return field === 'interface' || (field !== 'destination' && mode === 'socket');
}

function isBehindHeader4(field: Field, mode: Mode): boolean {
  return mode === 'reuseport' && (field === 'sourcePort' || field === 'destinationPort');
}

function fetch(field: Field, family: AddressFamily, mode: Mode): Insn {
  if (field === 'interface') return { op: 'ldExt', extension: 'ifidx' };
  if (field === 'destination') return fromNetwork(DESTINATION[family], 4, '').insn;
  const k = field === 'sourcePort' ? 0 : 2;
  if (mode === 'socket') return { op: 'ldAbs', size: 2, k };
  if (family === 6) return fromNetwork(HEADER6 + k, 2, '').insn;
  return { op: 'ldInd', size: 2, k: uapi.SKF_NET_OFF + k };
}

function fromNetwork(offset: number, size: Size, note: string): Step {
  return { insn: { op: 'ldAbs', size, k: uapi.SKF_NET_OFF + offset }, note };
}

function wordsAt(offset: number, name: string): readonly [Load, Load, Load, Load] {
  const word = (i: number): Load => ({
    what: `${name} word ${i}`,
    steps: [fromNetwork(offset + i * 4, 4, `${name} address, bits ${i * 32} to ${i * 32 + 31}`)],
    show: showWord,
  });
  return [word(0), word(1), word(2), word(3)];
}

function showAddress4(value: number, length: number): string {
  const bytes = [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
  const address: Address = { family: 4, bytes, zone: '' };
  return formatAddress(address) + (length === 32 ? '' : `/${length}`);
}

function showWord(value: number, length: number): string {
  const text = [value >>> 16, value & 0xffff].map((half) => half.toString(16)).join(':');
  return text + (length === 32 ? '' : `/${length}`);
}

function showProtocol(value: number): string {
  const names: Readonly<Record<number, string>> = { [etherTypes[4]]: 'IPv4', [etherTypes[6]]: 'IPv6' };
  return names[value] ?? `0x${value.toString(16)}`;
}

function showNumber(value: number, length: number): string {
  return length === 32 ? `${value}` : `${value} to ${value + 2 ** (32 - length) - 1}`;
}
