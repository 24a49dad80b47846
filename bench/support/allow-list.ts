import { prefix4 } from './block-list.js';

/**
 * Returns `size` IPv4 prefixes as text: first prefixes of the block list, then the given ones. The former do not cover
 * loopback or the private addresses of the benchmark clients.
 */
export function allowList(size: number, members: readonly string[]): string[] {
  const prefixes: string[] = [];
  for (let i = 0; prefixes.length < size - members.length; i++) {
    const { address, length } = prefix4(i);
    const bytes = [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff);
    if (bytes[0] !== 10 && bytes[0] !== 127 && bytes[0] !== 0) prefixes.push(`${bytes.join('.')}/${length}`);
  }
  return [...prefixes, ...members.map((member) => `${member}/32`)];
}
