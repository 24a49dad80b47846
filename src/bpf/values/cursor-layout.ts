import type { Codec } from './codec.js';
import { integerBytes, integerValue } from './integer.js';
import type { ValueType } from './value-type.js';

/** A number in a struct. */
interface Field {
  readonly offset: number;
  readonly size: number;
}

/** Where the parts of an address, a prefix or a port are. */
interface Layout {
  /** The address or the port, most significant part first. */
  readonly parts: readonly Field[];
  /** The prefix length. */
  readonly length: Field | undefined;
}

/** Bytes of the length in an encoded prefix: before the address. */
const LENGTH_BYTES = 4;

/**
 * Writes addresses, prefixes and ports into structs of numbers, each in the byte order of the machine, because that is how
 * BCC's cursors give the fields of a header: `{ u64 high; u64 low; }` for an IPv6 address, with a length of any size
 * before or after it for a prefix.
 *
 * @param codec of the notation, whose bytes are in network order
 * @returns undefined if the type is not laid out so
 */
export function cursorCodec(
  codec: Codec & { readonly size: number },
  isPrefix: boolean,
  type: ValueType,
): Codec | undefined {
  const head = isPrefix ? LENGTH_BYTES : 0;
  const layout = layoutOf(type, codec.size - head, isPrefix);
  if (layout === undefined) return undefined;
  const { parts, length } = layout;
  return {
    expects: codec.expects,
    parse: (text, context) => {
      const ordered = codec.parse(text, context);
      const { littleEndian } = context;
      const bytes = new Uint8Array(type.size);
      let at = head;
      for (const { offset, size } of parts) {
        bytes.set(
          integerBytes(integerValue(ordered.subarray(at, at + size), false), size, littleEndian),
          offset,
        );
        at += size;
      }
      if (length !== undefined) {
        const bits = integerValue(ordered.subarray(0, head), littleEndian);
        bytes.set(integerBytes(bits, length.size, littleEndian), length.offset);
      }
      return bytes;
    },
    format: (bytes, context) => {
      const { littleEndian } = context;
      const read = ({ offset, size }: Field) =>
        integerValue(bytes.subarray(offset, offset + size), littleEndian);
      const address = parts.flatMap((part) => [...integerBytes(read(part), part.size, false)]);
      const bits = length === undefined ? [] : integerBytes(read(length), LENGTH_BYTES, littleEndian);
      return codec.format(Uint8Array.of(...bits, ...address), context);
    },
  };
}

function layoutOf(type: ValueType, addressBytes: number, isPrefix: boolean): Layout | undefined {
  const fields = numbersOf(type, 0);
  const candidates = isPrefix
    ? [
        { parts: fields.slice(0, -1), length: fields.at(-1) },
        { parts: fields.slice(1), length: fields[0] },
      ]
    : [{ parts: fields, length: undefined }];
  return candidates.find(({ parts }) => {
    // A single byte has no order: bytes in a row are the address as it is on the wire.
    const isMadeOfNumbers = parts.every(({ size }) => size > 1);
    return isMadeOfNumbers && parts.reduce((sum, { size }) => sum + size, 0) === addressBytes;
  });
}

/** The integers of a struct in order; none if there is anything else in it. */
function numbersOf(type: ValueType, offset: number): Field[] {
  if (type.kind === 'int') return [{ offset, size: type.size }];
  if (type.kind !== 'struct') return [];
  const inner = type.members.map((member) => numbersOf(member.type, offset + member.offset));
  return inner.some(({ length }) => length === 0) ? [] : inner.flat();
}
