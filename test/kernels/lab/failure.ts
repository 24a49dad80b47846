/** Something the lab cannot do, in the words of the product's own errors: one line, and a hint. */
export class LabError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** The first line of what a command or a system call said when it failed. */
export function reasonOf(error: unknown): string {
  const said = (error as { stderr?: string | Buffer }).stderr?.toString().trim();
  const message = error instanceof Error ? error.message : String(error);
  const lines = (said === undefined || said === '' ? message : said).split('\n');
  return lines.findLast((line) => line.startsWith('E: ')) ?? lines[0] ?? '';
}
