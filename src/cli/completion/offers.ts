import { protocolNames } from '../../net/index.js';
import { addressWords } from '../../policy/index.js';
import type { OptionSpec } from '../option-spec.js';

/** What a shell can offer in the place of a value. */
export type Offer =
  | { readonly kind: 'filter' | 'file' | 'directory' | 'interface' | 'user' | 'group' | 'nothing' }
  /** One of these. */
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** Some of these, with commas between them, and others that cannot be listed. */
  | { readonly kind: 'list'; readonly words: readonly string[] };

/** By what a value is called in the help, so that no option has to say it again. */
const OFFERS: Readonly<Record<string, Offer>> = {
  FILE: { kind: 'file' },
  DIRECTORY: { kind: 'directory' },
  IF: { kind: 'interface' },
  'USER[:GROUP]': { kind: 'user' },
  GROUP: { kind: 'group' },
  PEERS: { kind: 'list', words: addressWords },
  PROTOCOL: { kind: 'words', words: protocolNames },
};

/** What there is to offer for the value of an option. */
export function offerFor({ value = '', choices }: OptionSpec): Offer {
  if (choices !== undefined) return { kind: 'words', words: choices };
  return OFFERS[value] ?? { kind: 'nothing' };
}
