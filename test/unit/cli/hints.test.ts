import { describe, expect, it } from 'vitest';
import { hintFor } from '../../../src/cli/hints.js';
import { LAUNCH_OPTIONS, TRY_OPTIONS } from '../../../src/cli/options.js';
import { AlfError, type Remedy } from '../../../src/errors/index.js';

const hint = (options: { hint?: string; remedy?: Remedy }) =>
  hintFor(new AlfError('ALF_USAGE', 'no', options));

describe('the hint of an error', () => {
  it.each<[Remedy, string]>([
    [{ kind: 'use tier', tier: 'ebpf' }, 'the ebpf tier takes rules of any size: --tier ebpf'],
    [{ kind: 'name entry' }, 'name one: --entry NAME'],
    [
      { kind: 'name engine' },
      'name it: --engine clang for libbpf style, --engine bcc for the dialect of BCC',
    ],
    [{ kind: 'give field', field: 'interface' }, 'give it: --on IF'],
    [{ kind: 'give field', field: 'source port' }, 'give it: ADDR:PORT'],
    [{ kind: 'give field', field: 'destination' }, 'give it: --to ADDR'],
    [{ kind: 'give field', field: 'destination port' }, 'give it: --to ADDR:PORT'],
  ])('words %j', (remedy, text) => {
    expect(hint({ remedy })).toBe(text);
  });

  it('names options that there are', () => {
    const names: readonly string[] = [...LAUNCH_OPTIONS, ...TRY_OPTIONS].map(({ name }) => name);
    for (const kind of ['name entry', 'name engine', 'give packet'] as const) {
      for (const [, name = ''] of hint({ remedy: { kind } })?.matchAll(/--([a-z-]+)/g) ?? []) {
        expect(names).toContain(name);
      }
    }
  });

  it('is what the room says, where no option helps', () => {
    expect(hint({ hint: 'ask again' })).toBe('ask again');
    expect(hint({})).toBeUndefined();
  });

  it('has both, the room first', () => {
    expect(hint({ hint: 'ask again', remedy: { kind: 'name entry' } })).toBe(
      'ask again; name one: --entry NAME',
    );
  });
});
