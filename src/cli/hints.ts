import type { AlfError, Remedy } from '../errors/index.js';

/** What to do about an error: the options that help, and what its room has to say. */
export function hintFor({ hint, remedy }: AlfError): string | undefined {
  const hints = [
    ...(hint === undefined ? [] : [hint]),
    ...(remedy === undefined ? [] : [wordRemedy(remedy)]),
  ];
  return hints.length === 0 ? undefined : hints.join('; ');
}

const FIELDS: Readonly<Record<Extract<Remedy, { kind: 'give field' }>['field'], string>> = {
  interface: '--on IF',
  'source port': 'ADDR:PORT',
  destination: '--to ADDR',
  'destination port': '--to ADDR:PORT',
};

const TIERS = {
  ebpf: 'the ebpf tier takes rules of any size: --tier ebpf',
} as const;

function wordRemedy(remedy: Remedy): string {
  switch (remedy.kind) {
    case 'use tier':
      return TIERS[remedy.tier];
    case 'name entry':
      return 'name one: --entry NAME';
    case 'name engine':
      return 'name it: --engine clang for libbpf style, --engine bcc for the dialect of BCC';
    case 'give field':
      return `give it: ${FIELDS[remedy.field]}`;
    case 'give packet':
      return "expected: alfwrapper try FILTER --packet 'tcp 192.0.2.1:40000 to 192.0.2.2:80'";
  }
}
