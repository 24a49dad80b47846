import { writeFileSync } from 'node:fs';

/** Rules that serve the loopback addresses themselves and no others of their network. */
export const LOOPBACK = ['--allow', '127.0.0.1,::1'];

/** A policy of ten thousand prefixes and the loopback addresses; `writeRules` writes it. */
export const MANY_RULES = '/tmp/many.rules';

const MANY = 10_000;

/** Networks that have nothing to do with each other, the same each time. */
export function somePrefixes(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${128 + (i % 90)}.${(i * 7) % 256}.${(i * 31) % 251}.0/24`);
}

/** Writes the files of rules the checks name. */
export function writeRules(): void {
  writeFileSync('/tmp/many.set', [...somePrefixes(MANY), '127.0.0.1', '::1', ''].join('\n'));
  writeFileSync(MANY_RULES, 'set many file /tmp/many.set\nallow from @many\n');
}
