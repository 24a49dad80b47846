import type { EngineContext, OpenedFilter } from './filter.js';
import { type FilterFile, readFilter } from './find.js';
import { openObject } from './object.js';

/**
 * Reads a filter with the engine that is for it.
 *
 * @returns what the caller has to close
 * @throws AlfError ALF_FILTER or ALF_OBJECT; nothing is left open then
 */
export async function openFilter(found: FilterFile, { ops }: EngineContext): Promise<OpenedFilter> {
  return openObject(readFilter(found.file), ops);
}
