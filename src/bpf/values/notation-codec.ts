import { AlfError, quote } from '../../errors/index.js';
import {
  type AddressFamily,
  formatAddress,
  formatPrefix,
  type Prefix,
  parseAddress,
  parsePort,
  parsePrefix,
} from '../../net/index.js';
import type { Codec } from './codec.js';
import { cursorCodec } from './cursor-layout.js';
import { integerBytes, integerCodec, integerValue } from './integer.js';
import type { Notation } from './notation.js';
import { textCodec } from './text.js';
import type { ValueType } from './value-type.js';

/** Notations whose bytes have one layout. */
const FIXED: Readonly<Partial<Record<Notation, Codec & { readonly size: number }>>> = {
  ipv4: addressCodec(4),
  ipv6: addressCodec(6),
  prefix4: prefixCodec(4),
  prefix6: prefixCodec(6),
  mac: macCodec(),
  ifname: interfaceCodec(),
  port: portCodec(),
};

/**
 * The codec that writes a type in a notation.
 *
 * @returns undefined if the notation is not for types of this size or shape
 */
export function notationCodec(notation: Notation, type: ValueType): Codec | undefined {
  const fixed = FIXED[notation];
  const numbers = type.hostOrder === true ? hostOrderCodec(notation, type) : undefined;
  if (numbers !== undefined) return numbers;
  if (fixed !== undefined) return fixed.size === type.size ? fixed : undefined;
  if (notation === 'text') return isText(type) ? textCodec(type.size) : undefined;
  if (!isNumber(type)) return undefined;
  const signed = type.kind === 'int' && type.signed;
  return integerCodec(type.size, signed, notation === 'number' ? 'host' : (notation as 'big' | 'little'));
}

/** Whether a struct of numbers holds what a notation stands for, as BCC's cursors read it from a header. */
export function isInHostOrder(notation: Notation, type: ValueType): boolean {
  return hostOrderCodec(notation, type) !== undefined;
}

/** Notations of what is in a header. */
const IN_HEADERS: readonly Notation[] = ['ipv4', 'ipv6', 'prefix4', 'prefix6', 'port'];

function hostOrderCodec(notation: Notation, type: ValueType): Codec | undefined {
  const fixed = IN_HEADERS.includes(notation) ? FIXED[notation] : undefined;
  return fixed && cursorCodec(fixed, notation.startsWith('prefix'), type);
}

function isNumber(type: ValueType): boolean {
  if (type.kind === 'struct') return type.members.length === 1 && type.members[0]?.type.kind === 'int';
  return ['int', 'char', 'bool', 'enum'].includes(type.kind);
}

function isText(type: ValueType): boolean {
  const element = type.kind === 'array' ? type.element : type;
  return element.size === 1 && (element.kind === 'int' || element.kind === 'char');
}

function addressCodec(family: AddressFamily): Codec & { readonly size: number } {
  return {
    expects: `an IPv${family} address`,
    size: family === 4 ? 4 : 16,
    parse: (text) => {
      const address = parseAddress(text);
      if (address.family !== family || address.zone !== '') throw wrongFamily(text, family, 'address');
      return Uint8Array.from(address.bytes);
    },
    format: (bytes) => formatAddress({ family, bytes: [...bytes], zone: '' }),
  };
}

/** As the key of an LPM trie: the length in bits in the byte order of the machine, then the address. */
function prefixCodec(family: AddressFamily): Codec & { readonly size: number } {
  const addressSize = family === 4 ? 4 : 16;
  return {
    expects: `an IPv${family} prefix (${family === 4 ? '192.0.2.0/24' : '2001:db8::/32'})`,
    size: 4 + addressSize,
    parse: (text, context) => {
      const { prefix, hostBits } = parsePrefix(text);
      if (prefix.family !== family) throw wrongFamily(text, family, 'prefix');
      if (hostBits) context.warn(`${text} has host bits set, taken as ${formatPrefix(prefix)}`);
      return prefixBytes(prefix, context.littleEndian);
    },
    format: (bytes, { littleEndian }) => {
      const length = Number(integerValue(bytes.subarray(0, 4), littleEndian));
      if (length > addressSize * 8) return undefined;
      const address = formatAddress({ family, bytes: [...bytes.subarray(4)], zone: '' });
      const { prefix, hostBits } = parsePrefix(`${address}/${length}`);
      return hostBits ? undefined : formatPrefix(prefix);
    },
  };
}

function prefixBytes(prefix: Prefix, littleEndian: boolean): Uint8Array {
  return Uint8Array.of(...integerBytes(BigInt(prefix.length), 4, littleEndian), ...prefix.bytes);
}

function macCodec(): Codec & { readonly size: number } {
  return {
    expects: 'a MAC address (02:00:5e:00:53:01)',
    size: 6,
    parse: (text) => {
      if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) {
        throw new AlfError('ALF_ENTRY', `${quote(text)} is not a MAC address`);
      }
      return Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16));
    },
    format: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':'),
  };
}

function interfaceCodec(): Codec & { readonly size: number } {
  return {
    expects: 'the name of a network interface',
    size: 4,
    parse: (text, context) => {
      const index = context.interfaceIndex(text);
      if (index === undefined) {
        throw new AlfError('ALF_ENTRY', `no such network interface: ${quote(text)}`, {
          hint: 'see: ip link show',
        });
      }
      return integerBytes(BigInt(index), 4, context.littleEndian);
    },
    format: (bytes, context) => context.interfaceName(Number(integerValue(bytes, context.littleEndian))),
  };
}

function portCodec(): Codec & { readonly size: number } {
  return {
    expects: 'a port from 0 to 65535',
    size: 2,
    parse: (text) => integerBytes(BigInt(parsePort(text)), 2, false),
    format: (bytes) => String(integerValue(bytes, false)),
  };
}

function wrongFamily(text: string, family: AddressFamily, what: string): AlfError {
  return new AlfError('ALF_ENTRY', `${quote(text)} is not an IPv${family} ${what}`);
}
