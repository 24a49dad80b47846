import { AlfError, quote } from '../errors/index.js';
import { type AddressFamily, formatPrefix, parseAddress, parsePort, parsePrefix } from '../net/index.js';
import type { BtfType } from './btf.js';

/** What encoding a word may need to know, and may have to say. */
export interface CodecContext {
  /** The index of an interface of this machine, undefined if there is none of that name. */
  readonly interfaceIndex: (name: string) => number | undefined;
  /** Takes one line about something accepted that its author may not have meant. */
  readonly warn: (message: string) => void;
  /** Byte order of the object. */
  readonly littleEndian: boolean;
}

/** How values of one type are written by hand. */
export interface Codec {
  /** The type's name in C, as `--set` accepts it in front of a value: `uint32_t`, `subnet4`. */
  readonly typeName: string;
  /** What a value looks like, to follow "expected". */
  readonly expects: string;
  /** Size in bytes. */
  readonly size: number;
  /** Encodes the text of a value. @throws AlfError ALF_ADDRESS or ALF_ENTRY */
  readonly encode: (text: string, context: CodecContext) => Uint8Array;
}

/** Codecs for structs, by the name the struct has in C (ebpf/include/alf/types.h). */
const STRUCTS: Readonly<Record<string, Codec>> = {
  address4: addressCodec(4),
  address6: addressCodec(6),
  subnet4: subnetCodec(4),
  subnet6: subnetCodec(6),
  interface: {
    typeName: 'interface',
    expects: 'the name of a network interface',
    size: 4,
    encode: (text, context) => {
      const index = context.interfaceIndex(text);
      if (index === undefined) {
        throw new AlfError('ALF_ENTRY', `there is no network interface ${quote(text)}`, {
          hint: 'see: ip link show',
        });
      }
      return integer(BigInt(index), 4, context.littleEndian);
    },
  },
  portnumber: {
    typeName: 'portnumber',
    expects: 'a port from 0 to 65535',
    size: 2,
    encode: (text) => integer(BigInt(parsePort(text)), 2, false),
  },
  index: { ...integerCodec(4, false), typeName: 'index' },
};

/** Spellings of integer types that `--set` takes in front of a value: C99's and the kernel's. */
const INTEGER_NAMES = /^(?:(u?)int(8|16|32|64)_t|__([us])(8|16|32|64)|([us])(8|16|32|64))$/;

/**
 * The codec for a type of an object's BTF.
 *
 * Structs are known by name, integers by size and signedness.
 *
 * @returns undefined for types without a notation
 */
export function codecFor(type: BtfType): Codec | undefined {
  if (type.kind === 'struct') {
    const codec = Object.hasOwn(STRUCTS, type.name) ? STRUCTS[type.name] : undefined;
    return codec?.size === type.size ? codec : undefined;
  }
  return type.kind === 'int' && type.size <= 8 ? integerCodec(type.size, type.signed) : undefined;
}

/** Whether a word is the name of a type that may stand in front of a value. */
export function isTypeName(word: string): boolean {
  return Object.hasOwn(STRUCTS, word) || INTEGER_NAMES.test(word);
}

/**
 * Whether values of the type `written` may be given where `codec` is expected: the same struct, or an integer type of
 * the same size or a wider one (the range is checked against the map's own type). `index` counts as an integer of its
 * size.
 */
export function accepts(codec: Codec, written: string): boolean {
  if (written === codec.typeName) return true;
  const [expected, given] = [integerBits(codec.typeName), integerBits(written)];
  return expected !== undefined && given !== undefined && given >= expected;
}

/** The width an integer type has by its name, undefined for all other types. */
function integerBits(typeName: string): number | undefined {
  if (typeName === 'index') return 32;
  return INTEGER_NAMES.test(typeName) ? Number(/[0-9]+/.exec(typeName)?.[0]) : undefined;
}

function addressCodec(family: AddressFamily): Codec {
  return {
    typeName: `address${family}`,
    expects: `an IPv${family} address`,
    size: family === 4 ? 4 : 16,
    encode: (text) => {
      const address = parseAddress(text);
      if (address.family !== family || address.zone !== '') throw wrongFamily(text, family, 'address');
      return Uint8Array.from(address.bytes);
    },
  };
}

function subnetCodec(family: AddressFamily): Codec {
  const addressSize = family === 4 ? 4 : 16;
  return {
    typeName: `subnet${family}`,
    expects: `an IPv${family} prefix (${family === 4 ? '192.0.2.0/24' : '2001:db8::/32'})`,
    size: 4 + addressSize,
    encode: (text, context) => {
      const { prefix, hostBits } = parsePrefix(text);
      if (prefix.family !== family) throw wrongFamily(text, family, 'prefix');
      if (hostBits) context.warn(`${text} has host bits set, taken as ${formatPrefix(prefix)}`);
      const bytes = new Uint8Array(4 + addressSize);
      bytes.set(integer(BigInt(prefix.length), 4, context.littleEndian));
      bytes.set(prefix.bytes, 4);
      return bytes;
    },
  };
}

function integerCodec(size: number, signed: boolean): Codec {
  const bits = BigInt(size * 8);
  const [least, most] = signed ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
  const expects = `a number from ${least} to ${most}`;
  return {
    typeName: `${signed ? '' : 'u'}int${bits}_t`,
    expects,
    size,
    encode: (text, context) => {
      // Leading zeros are decimal: ordinals are often written 01, 02, … 10.
      const isNumber = /^-?\d+$/.test(text) || /^0[xX][0-9a-fA-F]+$/.test(text);
      const value = isNumber ? BigInt(text) : undefined;
      if (value === undefined || value < least || value > most) {
        const what = value === undefined ? 'is not a number' : 'is out of range';
        throw new AlfError('ALF_ENTRY', `${quote(text)} ${what}`, { hint: `expected ${expects}` });
      }
      return integer(BigInt.asUintN(Number(bits), value), size, context.littleEndian);
    },
  };
}

/** The `size` low bytes of an unsigned number. */
function integer(value: bigint, size: number, littleEndian: boolean): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  return littleEndian ? bytes : bytes.reverse();
}

function wrongFamily(text: string, family: AddressFamily, what: string): AlfError {
  return new AlfError('ALF_ENTRY', `${quote(text)} is not an IPv${family} ${what}`);
}
