import { type EngineContext, findFilter, type OpenOptions, openFilter } from '../filter/index.js';
import { describeFilter, type FilterDescription } from './describe-filter.js';

/**
 * Describes a filter: its programs, its maps, and how their entries are written. Loads nothing.
 *
 * @param filter as it was written
 * @throws AlfError ALF_FILTER, ALF_COMPILE or ALF_OBJECT
 */
export async function inspectFilter(
  filter: string,
  opening: OpenOptions,
  context: EngineContext,
): Promise<FilterDescription> {
  const found = findFilter(filter, context.root);
  const opened = await openFilter(found, opening, context);
  try {
    return describeFilter(found, opened);
  } finally {
    opened.close();
  }
}
