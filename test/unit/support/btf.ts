/** A type in the making: the 12-byte header's numbers and what follows it. */
export interface RawType {
  readonly name?: string;
  readonly kind: number;
  readonly vlen?: number;
  /** kind_flag */
  readonly flag?: boolean;
  readonly sizeOrType?: number;
  readonly tail?: readonly number[];
}

/**
 * Makes a little-endian .BTF section.
 *
 * @param types in order from id 1
 * @see Documentation/bpf/btf.rst
 */
export function makeBtf(types: readonly RawType[], magic = 0xeb9f): Uint8Array {
  const strings = ['', ...types.map(({ name = '' }) => name)].join('\0');
  let nameAt = 1;
  const words = types.flatMap(({ name = '', kind, vlen = 0, flag = false, sizeOrType = 0, tail = [] }) => {
    const at = nameAt;
    nameAt += name.length + 1;
    return [at, (((flag ? 1 : 0) << 31) | (kind << 24) | vlen) >>> 0, sizeOrType, ...tail];
  });
  const body = new Uint8Array(Uint32Array.from(words).buffer);
  const text = Buffer.from(`${strings}\0`);
  const header = new Uint8Array(24);
  const view = new DataView(header.buffer);
  view.setUint16(0, magic, true);
  view.setUint8(2, 1);
  [24, 0, body.length, body.length, text.length].forEach((value, i) => {
    view.setUint32(4 + i * 4, value, true);
  });
  return Buffer.concat([header, body, text]);
}
