/** What a compiler has said, taken apart. */
export interface Diagnostics {
  /** `FILE:LINE:COLUMN: message`, or what it said without a place. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** Files that were included, as it names them. */
  readonly included: readonly string[];
  /** All of it for people: without the list of files. */
  readonly text: string;
}

/** A line of `clang -H`: a dot for each level, and the file. */
const INCLUDED = /^\.+ (\/.*)$/;
const SAID = /^(?:(?<place>.+?:\d+:\d+): |clang: )(?<kind>fatal error|error|warning): (?<message>.*)$/;

/**
 * Takes apart what clang writes to standard error when it is told to list what is included.
 *
 * @param rename turns the path of a file into the user's word for it
 */
export function readDiagnostics(stderr: string, rename: (text: string) => string): Diagnostics {
  const lines = stderr.split('\n').filter((line) => line !== '');
  const included = lines.flatMap((line) => INCLUDED.exec(line)?.[1] ?? []);
  const said = lines.filter((line) => !INCLUDED.test(line)).map(rename);
  const errors: string[] = [];
  const warnings: string[] = [];
  for (const line of said) {
    const { place, kind, message = '' } = SAID.exec(line)?.groups ?? {};
    if (kind === undefined) continue;
    // The name of the flag that turns a warning off is of no use here.
    const text = `${place === undefined ? '' : `${place}: `}${message.replace(/ \[-W[^\]]*\]$/, '')}`;
    (kind === 'warning' ? warnings : errors).push(text);
  }
  return { errors, warnings, included, text: said.join('\n') };
}
