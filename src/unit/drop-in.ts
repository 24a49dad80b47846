/** The name of the drop-in. Drop-ins are read in the order of their names. */
export const DROP_IN_NAME = '50-alfwrapper.conf';

const MARK = '# Written by alfwrapper unit';
const MADE = '# Its directory was made for it.';

/** A line of the drop-in, or a comment. */
export type DropInLine = readonly [key: string, value: string] | { readonly comment: string };

/** What a drop-in consists of. */
export interface DropIn {
  readonly unit: string;
  /** The files that it repeats commands of. */
  readonly sources: readonly string[];
  readonly lines: readonly DropInLine[];
}

/** Formats a drop-in. It begins with a line by which {@link isOwnDropIn} recognizes it. */
export function formatDropIn({ unit, sources, lines }: DropIn): string {
  const head = [
    `${MARK} for ${unit}. That command removes it as well.`,
    `# It repeats ExecStart= of ${sources.join(' and ')}. After a change there, write it again.`,
  ];
  const body = lines.map((line) => ('comment' in line ? `# ${line.comment}` : `${line[0]}=${line[1]}`));
  return `${[...head, '', '[Service]', ...body].join('\n')}\n`;
}

/** Whether a text is a drop-in that this room formatted. */
export function isOwnDropIn(text: string): boolean {
  return text.startsWith(`${MARK} `);
}

/** Whether the directory of a drop-in was made for it. */
export function madeDirectory(text: string): boolean {
  return text.split('\n').includes(MADE);
}

/** Records in the text of a drop-in that its directory was made for it. */
export function withMadeDirectory(text: string): string {
  const [first = '', ...rest] = text.split('\n');
  return [first, MADE, ...rest].join('\n');
}
