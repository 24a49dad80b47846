import { describe, expect, it } from 'vitest';
import { hintFor } from '../../../src/cli/hints.js';
import { LAUNCH_OPTIONS, TRY_OPTIONS } from '../../../src/cli/options.js';
import { AlfError, type Remedy } from '../../../src/errors/index.js';

const hint = (options: { hint?: string; remedy?: Remedy }) =>
  hintFor(new AlfError('ALF_USAGE', 'no', options));

describe('the hint of an error', () => {
  it.each<[Remedy, string]>([
    [{ kind: 'use tier', tier: 'ebpf' }, 'the ebpf tier takes rules of any size: --tier ebpf'],
    [{ kind: 'use tier', tier: 'steer' }, 'try --tier steer'],
    [{ kind: 'use tier', tier: 'classic' }, '--tier classic needs no privilege there'],
    [{ kind: 'any tier' }, 'without --tier ebpf the next tier is used, if it carries the filter'],
    [
      { kind: 'open listeners', orLend: true },
      'let alfwrapper listen (--listen, no .socket unit), or lend it CAP_BPF',
    ],
    [{ kind: 'open listeners', orLend: false }, 'let alfwrapper listen (--listen)'],
    [{ kind: 'give listener' }, 'let alfwrapper listen: --listen, without --intercept'],
    [{ kind: 'lock' }, 'leave --no-lock out'],
    [{ kind: 'forbid new privileges' }, 'leave --allow-new-privs out'],
    [{ kind: 'own address' }, 'leave --reuse-port out, or use another tier'],
    [
      { kind: 'rely on permissions' },
      "who may connect is up to the file's permissions (--socket-mode); leave it to them: --rule 'allow proto unix'",
    ],
    [{ kind: 'no lock' }, '--no-lock does without'],
    [{ kind: 'name group', user: '7' }, 'write --user 7:GROUP'],
    [{ kind: 'same user' }, 'run as root, or leave --user and --group out'],
    [
      { kind: 'no new privileges' },
      'run as root, or keep the program from gaining any with --no-new-privs instead',
    ],
    [
      { kind: 'accept connections' },
      'with --accept each connection is; otherwise --inetd takes one listener',
    ],
    [
      { kind: 'pass datagrams' },
      'for datagrams leave --accept out; with --inetd the program gets the socket itself',
    ],
    [{ kind: 'name listeners' }, '--fdname names the listeners of the command line, in order'],
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
