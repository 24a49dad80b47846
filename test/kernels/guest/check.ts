import type { Guest } from './guest.js';

/** Something every kernel is asked. It answers with a detail, or throws one of the two below. */
export interface Check {
  /** As it is printed, and as it is called in the table of what a kernel lacks. */
  readonly name: string;
  run(guest: Guest): Promise<string>;
}

/** The product said no: it ended with an error where it should have worked. */
export class Refused extends Error {}

/** What happened is not what should have. */
export class Wrong extends Error {}

/** How a check ended, as a guest prints it and the host reads it. */
export type Outcome = 'ok' | 'NO' | 'WRONG';

/** Runs a check and prints its line. */
export async function perform(check: Check, guest: Guest): Promise<void> {
  const [outcome, detail] = await check.run(guest).then(
    (answer) => ['ok', answer] as const,
    (error: Error) => [error instanceof Refused ? 'NO' : 'WRONG', error.message] as const,
  );
  console.log(formatLine(check.name, outcome, detail));
}

/** Fails unless two values are the same. */
export function expectSame(got: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (one !== other) throw new Wrong(`got ${one}, wanted ${other}`);
}

const MARK = 'check';

/** A line of a guest's console; there are others, of the kernel. */
export function formatLine(name: string, outcome: Outcome, detail: string): string {
  return [MARK, name, outcome, detail.replaceAll(/\s+/g, ' ')].join('\t');
}

/** Reads what formatLine has written; undefined if it is another line. */
export function parseLine(line: string): { name: string; outcome: Outcome; detail: string } | undefined {
  const [mark, name, outcome, detail] = line.split('\t');
  if (mark !== MARK || name === undefined || outcome === undefined) return undefined;
  return { name, outcome: outcome as Outcome, detail: detail ?? '' };
}
