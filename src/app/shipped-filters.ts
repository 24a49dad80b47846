import { AlfError } from '../errors/index.js';
import { findFilter, type OpenedFilter, openObject, openRules, readFilter } from '../filter/index.js';
import type { CoreOps, Ops } from '../kernel/index.js';
import { tryAttach } from '../kernel/probe/index.js';
import { type Capable, rulesEntry } from '../plan/index.js';

/** Whether a shipped filter can be loaded. */
export interface FilterAnswer {
  readonly name: string;
  readonly works: boolean;
  /** Why it cannot, or what is less than it could be. */
  readonly notes: readonly string[];
}

/** The shipped filter that judges by rules. */
const RULES = 'policy';

/** The other filters that come along. */
const OTHERS = ['whitelist-private', 'whitelist', 'subnets', 'interfaces', 'knocking'];

/**
 * Loads every shipped filter, attaches it to a socket of no use, and closes both: that the kernel takes the smallest
 * program does not say that it takes these.
 *
 * @param root the package's directory
 * @returns the filter that judges by rules first
 */
export function tryShippedFilters(process: Capable, ops: Ops, root: string): FilterAnswer[] {
  const notes: string[] = [];
  const report = (line: string) => void notes.push(line);
  const context = { ops, root, pid: 0, variable: () => undefined, report, warn: report };
  const { core } = ops;
  const rules = tryFilter(RULES, root, core, (file) => ({
    filter: openRules(file, context),
    // The larger one of the two that launches use.
    entry: rulesEntry(process, true),
  }));
  const others = OTHERS.map((name) =>
    tryFilter(name, root, core, ({ file }) => {
      const filter = openObject(readFilter(file), ops);
      return { filter, entry: filter.spec.entry };
    }),
  );
  return [{ ...rules, notes: [...rules.notes, ...notes] }, ...others];
}

function tryFilter(
  name: string,
  root: string,
  core: CoreOps,
  open: (found: ReturnType<typeof findFilter>) => { readonly filter: OpenedFilter; readonly entry: string },
): FilterAnswer {
  try {
    const found = findFilter(name, root);
    const { filter, entry } = open(found);
    const loaded = filter.load({ name, file: found.file, entry, entries: [] });
    try {
      tryAttach(core, loaded.programFd, name);
    } finally {
      loaded.close();
    }
    return { name, works: true, notes: [] };
  } catch (error) {
    if (!(error instanceof AlfError)) throw error;
    const { message, errno } = error;
    return { name, works: false, notes: [errno === undefined ? message : `${message} (${errno})`] };
  }
}
