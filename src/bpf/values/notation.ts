/**
 * The words that say how bytes are written: before a value (`ipv4:192.0.2.1`), in a declaration tag
 * (`btf_decl_tag("alf:ipv4")`) or in the name of a typedef (`alf_ipv4`).
 *
 * None of them can be the beginning of an address: they are not hexadecimal digits only.
 */
export const NOTATIONS = [
  ...(['ipv4', 'ipv6', 'prefix4', 'prefix6', 'mac', 'ifname', 'port'] as const),
  ...(['number', 'big', 'little', 'text'] as const),
] as const;

/** One of {@link NOTATIONS}. */
export type Notation = (typeof NOTATIONS)[number];

/** Whether a word is a notation. */
export function isNotation(word: string): word is Notation {
  return (NOTATIONS as readonly string[]).includes(word);
}
