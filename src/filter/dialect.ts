/** The engines: what a filter can be. */
export type EngineName = 'object' | 'clang' | 'bcc';

/** What shows that a source is in a dialect. */
export interface Evidence {
  readonly engine: 'clang' | 'bcc';
  /** As it stands there: `SEC(`. */
  readonly what: string;
  /** Counts from 1. */
  readonly line: number;
}

/** The macros by which BCC's dialect declares maps. */
const BCC_TABLE =
  /\bBPF_(?:F_)?(?:TABLE(?:_PUBLIC|_SHARED|_PINNED\d*)?|(?:PERCPU_)?(?:HASH|ARRAY)|LPM_TRIE|HISTOGRAM|(?:HASH|ARRAY)_OF_MAPS|PROG_ARRAY|PERF_OUTPUT|PERF_ARRAY|RINGBUF_OUTPUT|QUEUESTACK|QUEUE|STACK(?:_TRACE)?|CGROUP_ARRAY|DEVMAP|CPUMAP|XSKMAP|SOCKMAP|SOCKHASH|SK_STORAGE)\s*\(/;

/** What only one of the dialects has, in the order in which it is looked for on a line. */
const MARKS: readonly (readonly [Evidence['engine'], RegExp])[] = [
  ['bcc', BCC_TABLE],
  ['bcc', /^\s*#\s*include\s*[<"](?:bcc|uapi)\/[^>"]*[>"]/],
  ['bcc', /\bcursor_advance\s*\(/],
  ['bcc', /\bstruct\s+(?:ethernet|dot1q|arp|ip6?|icmp|udp|tcp|vxlan|vxlan_gbp)_t\b/],
  ['bcc', /\b\w+\s*\.\s*(?:lookup(?:_or_(?:try_)?init)?|increment|perf_submit)\s*\(/],
  ['clang', /\bSEC\s*\(/],
  ['clang', /^\s*#\s*include\s*[<"](?:bpf|alf)\/[^>"]*[>"]/],
  ['clang', /^\s*#\s*include\s*[<"](?:bpf_helpers|vmlinux)\.h[>"]/],
  ['clang', /\bALF_(?:FILTER|LICENSE)\b/],
  ['clang', /\b__uint\s*\(/],
];

/** A macro that is defined here may be called anything. */
const DEFINITION = /^\s*#\s*(?:define|undef|ifn?def)\b/;

/**
 * Looks in C source for what only one of the two dialects has: the first of each. Comments and strings say nothing.
 */
export function findEvidence(source: string): Evidence[] {
  const found = new Map<Evidence['engine'], Evidence>();
  for (const [index, text] of withoutComments(source).split('\n').entries()) {
    if (DEFINITION.test(text)) continue;
    for (const [engine, mark] of MARKS) {
      const match = found.has(engine) ? null : mark.exec(text);
      if (match !== null) found.set(engine, { engine, what: match[0].trim(), line: index + 1 });
    }
  }
  return [...found.values()];
}

/** The files that a source includes by a name in quotes, as they are written. */
export function quotedIncludes(source: string): string[] {
  const lines = withoutComments(source).matchAll(/^[^\S\n]*#[^\S\n]*include[^\S\n]*"([^"\n]+)"/gm);
  return [...lines].map(([, name = '']) => name);
}

/** Comments, strings (but for names of files), characters: what of C can hold the text of something else. */
const OPAQUE =
  /\/\/(?:\\\n|[^\n])*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?/g;
const INCLUDE = /#[^\S\n]*include[^\S\n]*$/;

/** The same lines, with nothing in them that the compiler would not read as code. */
function withoutComments(source: string): string {
  return source.replace(OPAQUE, (text, at: number) => {
    if (text.startsWith('"') && INCLUDE.test(source.slice(Math.max(0, at - 40), at))) return text;
    const lines = text.replace(/[^\n]/g, '');
    return text.startsWith('/') ? ` ${lines}` : `""${lines}`;
  });
}
