// Words of the grammar: one that stands where a peer should is a mistake in the rule, not the name of a host.
const RESERVED = new Set(
  'allow deny default set in on proto from port to limit burst per address log file refresh'.split(' '),
);

const MAX_LENGTH = 253;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i;
// The resolver takes 0x7f000001 for an address, as it does anything that ends in a number.
const NUMBER = /^(\d+|0x[\da-f]*)$/i;

/**
 * Whether text can be a host name: labels of letters, digits, `-` and `_`, the last of which is no number.
 *
 * Words of the rule grammar are none, whatever the name service says.
 *
 * @see RFC 1123 section 2.1
 */
export function isHostName(text: string): boolean {
  const labels = text.split('.');
  const fits = text.length <= MAX_LENGTH && labels.every((label) => LABEL.test(label));
  return fits && !NUMBER.test(labels.at(-1) ?? '') && !RESERVED.has(text);
}
