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
  steer: 'try --tier steer',
  classic: '--tier classic needs no privilege there',
} as const;

/** Words a remedy with the options of the command line. */
export function wordRemedy(remedy: Remedy): string {
  switch (remedy.kind) {
    case 'use tier':
      return TIERS[remedy.tier];
    case 'any tier':
      return 'without --tier ebpf the next tier is used, if it carries the filter';
    case 'open listeners':
      return remedy.orLend
        ? 'let alfwrapper listen (--listen, no .socket unit), or lend it CAP_BPF'
        : 'let alfwrapper listen (--listen)';
    case 'give listener':
      return 'let alfwrapper listen: --listen, without --intercept';
    case 'lock':
      return 'leave --no-lock out';
    case 'forbid new privileges':
      return 'leave --allow-new-privs out';
    case 'own address':
      return 'leave --reuse-port out, or use another tier';
    case 'rely on permissions':
      return "who may connect is up to the file's permissions (--socket-mode); leave it to them: --rule 'allow proto unix'";
    case 'no lock':
      return '--no-lock does without';
    case 'name group':
      return `write --user ${remedy.user}:GROUP`;
    case 'same user':
      return 'run as root, or leave --user and --group out';
    case 'no new privileges':
      return 'run as root, or keep the program from gaining any with --no-new-privs instead';
    case 'accept connections':
      return 'with --accept each connection is; otherwise --inetd takes one listener';
    case 'pass datagrams':
      return 'for datagrams leave --accept out; with --inetd the program gets the socket itself';
    case 'name listeners':
      return '--fdname names the listeners of the command line, in order';
    case 'name entry':
      return 'name one: --entry NAME';
    case 'name engine':
      return 'name it: --engine clang for libbpf style, --engine bcc for the dialect of BCC';
    case 'give field':
      return `give it: ${FIELDS[remedy.field]}`;
    case 'give packet':
      return "expected: alfwrapper try FILTER --packet 'tcp 192.0.2.1:40000 to 192.0.2.2:80'";
    case 'name pid file':
      return 'if the program writes its process ID to a file, name it: --pid-file FILE';
    case 'lend capability':
      return 'with --tier ebpf the drop-in lends it CAP_BPF';
  }
}
