import { parsePrefix } from '../net/index.js';
import { AddressSetBuilder } from './address-set-builder.js';
import { lastOfPrefix } from './prefix-range.js';
import type { AddressSet } from './types.js';

const LOCALHOST = ['127.0.0.0/8', '::1/128'];

/**
 * The words of the rule language for addresses.
 *
 * `localhost`, `link-local`, `multicast` and `any` have the meaning of systemd; `private` is RFC 1918, RFC 4193
 * and localhost; `cgnat` is RFC 6598; `documentation` is RFC 5737, RFC 3849 and RFC 9637.
 *
 * @see systemd.resource-control(5), IPAddressAllow=
 */
const WORDS = {
  any: ['0.0.0.0/0', '::/0'],
  localhost: LOCALHOST,
  'link-local': ['169.254.0.0/16', 'fe80::/64'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', ...LOCALHOST],
  cgnat: ['100.64.0.0/10'],
  documentation: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
} as const;

/** A word for addresses. */
export type AddressWord = keyof typeof WORDS;

/** All of them, in the order messages list them. */
export const addressWords = Object.keys(WORDS) as readonly AddressWord[];

/** Whether text is one of the {@link addressWords}; case matters. */
export function isAddressWord(text: string): text is AddressWord {
  return Object.hasOwn(WORDS, text);
}

/** The addresses of a word. */
export function wordSet(word: AddressWord): AddressSet {
  const builder = new AddressSetBuilder();
  for (const text of WORDS[word]) {
    const { prefix } = parsePrefix(text);
    builder.addBytes(prefix.bytes, lastOfPrefix(prefix));
  }
  return builder.build();
}
