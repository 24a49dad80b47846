// Words of the grammar: one in place of a peer is a mistake in the rule, not a host name.
const RESERVED = new Set(
  'allow deny default set in on proto from port to limit burst per address log file refresh'.split(' '),
);

const MAX_LENGTH = 253;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i;
// The resolver parses names that end in a number, such as 0x7f000001, as addresses.
const NUMBER = /^(\d+|0x[\da-f]*)$/i;

/**
 * Whether text can be a host name: labels of letters, digits, `-` and `_`, of which the last is not a number.
 *
 * Words of the rule grammar are never host names.
 *
 * @see RFC 1123 section 2.1
 */
export function isHostName(text: string): boolean {
  const labels = text.split('.');
  const fits = text.length <= MAX_LENGTH && labels.every((label) => LABEL.test(label));
  return fits && !NUMBER.test(labels.at(-1) ?? '') && !RESERVED.has(text);
}
